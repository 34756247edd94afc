// GPUs.

export const gpuUuid = {
	key: 'gpu.uuid',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'gpu_uuid',
	since: '0.12.10',
	description: 'UUID of a GPU as NVML reports it.',
} as const;

export const hwId = {
	key: 'hw.id',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'hw_id',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'UUID of a GPU, in the standard form.',
} as const;

export const hwName = {
	key: 'hw.name',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'hw_name',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'GPU model.',
} as const;

export const hwVendor = {
	key: 'hw.vendor',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'hw_vendor',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: '`NVIDIA`.',
} as const;

export const hwType = {
	key: 'hw.type',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'hw_type',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: '`gpu`.',
} as const;

export const hwState = {
	key: 'hw.state',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'hw_state',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: '`ok`, `degraded`, `failed` or `predicted_failure`.',
} as const;

export const hwGpuTask = {
	key: 'hw.gpu.task',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'hw_gpu_task',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: '`general`, `encoder` or `decoder`.',
} as const;

export const processPid = {
	key: 'process.pid',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'process_pid',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'Process id, in the standard form.',
} as const;
