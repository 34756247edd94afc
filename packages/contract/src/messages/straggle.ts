import type { Int64 } from '../message';

export const straggle = {
	type: 'straggle',
	channels: ['remediation'],
	stability: 'stable',
	since: '<=0.10.0',
	fields: {
		pid: { type: 'uint32', required: true },
		comm: { type: 'string', required: false, since: '0.10.0' },
		throughput_drop_pct: { type: 'double', required: true },
		sched_switch_count: { type: 'uint32', required: true },
		preempting_pids: { type: 'uint32[]', required: true },
		timestamp_ns: { type: 'int64', required: true },
		sustained: { type: 'bool', required: true },
		event_id: { type: 'uuid', required: false, since: '<=0.15.0' },
		rank: { type: 'int', required: false, since: '<=0.15.0' },
		world_size: { type: 'int', required: false, since: '<=0.15.0' },
	},
} as const;

/** A process launches fewer kernels than it did because others take its CPU. */
export interface StraggleMessage {
	readonly type: 'straggle';
	readonly pid: number;
	/** Name the kernel keeps for the process. Anybody can set it: untrusted text. */
	readonly comm?: string;
	/** Launch rate below its moving mean, per cent; small or negative while an episode fades. */
	readonly throughput_drop_pct: number;
	/** Context switches away from the process in the interval. */
	readonly sched_switch_count: number;
	/** Processes that took its CPU; empty when none is known. */
	readonly preempting_pids: readonly number[];
	/** Unix time, ns. */
	readonly timestamp_ns: Int64;
	/** False when an episode begins, true while it lasts. */
	readonly sustained: boolean;
	/** One id per episode. */
	readonly event_id?: string;
	/** Rank of the agent, 0 included; present with `world_size`. */
	readonly rank?: number;
	/** Ranks of the job; absent without one. */
	readonly world_size?: number;
}
