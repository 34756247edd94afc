// GPU sensors under the names of the OpenTelemetry hardware conventions.

export const hwGpuMemoryUsage = {
	name: 'hw.gpu.memory.usage',
	type: 'updowncounter',
	valueType: 'int',
	unit: 'By',
	attributes: ['hw.id', 'hw.name', 'hw.vendor'],
	prometheus: { name: 'hw_gpu_memory_usage', type: 'gauge', labels: ['hw_id', 'hw_name', 'hw_vendor'] },
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'GPU memory in use, in the standard form.',
} as const;

export const hwGpuMemoryLimit = {
	name: 'hw.gpu.memory.limit',
	type: 'updowncounter',
	valueType: 'int',
	unit: 'By',
	attributes: ['hw.id', 'hw.name', 'hw.vendor'],
	prometheus: { name: 'hw_gpu_memory_limit', type: 'gauge', labels: ['hw_id', 'hw_name', 'hw_vendor'] },
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'GPU memory installed, in the standard form.',
} as const;

export const hwGpuMemoryUtilization = {
	name: 'hw.gpu.memory.utilization',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['hw.id', 'hw.name', 'hw.vendor'],
	prometheus: { name: 'hw_gpu_memory_utilization', type: 'gauge', labels: ['hw_id', 'hw_name', 'hw_vendor'] },
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'Share of the GPU memory in use, 0 to 1, in the standard form.',
} as const;

export const hwGpuUtilization = {
	name: 'hw.gpu.utilization',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['hw.id', 'hw.gpu.task'],
	prometheus: { name: 'hw_gpu_utilization', type: 'gauge', labels: ['hw_id', 'hw_gpu_task'] },
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: 'Share of the time the GPU was busy, 0 to 1, in the standard form.',
} as const;

export const hwStatus = {
	name: 'hw.status',
	type: 'updowncounter',
	valueType: 'int',
	unit: '1',
	attributes: ['hw.id', 'hw.type', 'hw.state'],
	prometheus: { name: 'hw_status', type: 'gauge', labels: ['hw_id', 'hw_type', 'hw_state'] },
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "hw"',
	since: 'ts-0.16',
	description: '1 for the state a GPU is in, 0 for the others; a throttled one is `degraded`.',
} as const;
