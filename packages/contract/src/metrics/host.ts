// The host as a whole.

export const systemCpuUtilization = {
	name: 'system.cpu.utilization',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: [],
	prometheus: { name: 'system_cpu_utilization', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Share of the host CPU time spent busy, 0 to 1.',
} as const;

export const systemMemoryUtilization = {
	name: 'system.memory.utilization',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: [],
	prometheus: { name: 'system_memory_utilization', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Share of the host memory in use, 0 to 1.',
} as const;

export const systemMemoryUsageAvailable = {
	name: 'system.memory.usage.available',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: [],
	prometheus: { name: 'system_memory_usage_available', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Host memory that new work could claim without swapping (MemAvailable).',
} as const;

export const systemCpuLoadAverage1m = {
	name: 'system.cpu.load_average.1m',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: [],
	prometheus: { name: 'system_cpu_load_average_1m', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Host load average over the last minute.',
} as const;

export const systemMemoryLinuxAvailable = {
	name: 'system.memory.linux.available',
	type: 'updowncounter',
	valueType: 'int',
	unit: 'By',
	attributes: [],
	prometheus: { name: 'system_memory_linux_available', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "system"',
	since: 'ts-0.16',
	description: 'Host memory that new work could claim without swapping, in the standard form.',
} as const;
