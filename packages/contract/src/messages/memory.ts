import type { Int64 } from '../message';

export const memory = {
	type: 'memory',
	channels: ['remediation'],
	stability: 'stable',
	since: '<=0.10.0',
	fields: {
		pid: { type: 'uint32', required: true },
		comm: { type: 'string', required: false, since: '0.10.0' },
		gpu_id: { type: 'uint32', required: true },
		allocated_bytes: { type: 'uint64', required: true },
		total_vram: { type: 'uint64', required: true },
		utilization_pct: { type: 'double', required: true },
		last_alloc_size: { type: 'uint64', required: true },
		timestamp_ns: { type: 'int64', required: true },
	},
} as const;

/** A process allocated or freed device memory. */
export interface MemoryMessage {
	readonly type: 'memory';
	readonly pid: number;
	/** Name the kernel keeps for the process. Anybody can set it: untrusted text. */
	readonly comm?: string;
	/** Index of the GPU. */
	readonly gpu_id: number;
	/** Device memory the process holds, as far as it was seen to allocate and free; never below 0. */
	readonly allocated_bytes: Int64;
	/** Device memory of the GPU, bytes. */
	readonly total_vram: Int64;
	/** `allocated_bytes` in per cent of `total_vram`; may pass 100. */
	readonly utilization_pct: number;
	/** Bytes of this allocation, 0 for a free. */
	readonly last_alloc_size: Int64;
	/** Unix time, ns. */
	readonly timestamp_ns: Int64;
}
