// GPU memory and the driver calls around it.

export const gpuMemoryUsed = {
	name: 'gpu.memory.used',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_memory_used_bytes', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--memfrag-poll-interval > 0',
	since: '0.14.0',
	description: 'GPU memory in use.',
} as const;

export const gpuMemoryFree = {
	name: 'gpu.memory.free',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_memory_free_bytes', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--memfrag-poll-interval > 0',
	since: '0.14.0',
	description: 'GPU memory not in use.',
} as const;

export const gpuMemoryTotal = {
	name: 'gpu.memory.total',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_memory_total_bytes', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--memfrag-poll-interval > 0',
	since: '0.14.0',
	description: 'GPU memory installed.',
} as const;

export const gpuMemoryFragmentationEstimate = {
	name: 'gpu.memory.fragmentation_estimate',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_memory_fragmentation_estimate', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--memfrag-poll-interval > 0',
	since: '0.14.0',
	description:
		'Share of the GPU memory that is neither used nor free, 0 to 1: a hint at fragmentation, no measurement.',
} as const;

export const gpuMemoryProcessAllocatedBytes = {
	name: 'gpu.memory.process.allocated_bytes',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: ['gpu.uuid', 'pid'],
	prometheus: { name: 'gpu_memory_process_allocated_bytes', type: 'gauge', labels: ['gpu_uuid', 'pid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--memfrag-poll-interval > 0',
	since: '0.14.0',
	description: 'GPU memory that one process holds on one GPU.',
} as const;

export const gpuMemfragIoctlEventTotal = {
	name: 'gpu.memfrag.ioctl_event_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['cmd'],
	prometheus: { name: 'gpu_memfrag_ioctl_event_total', type: 'counter', labels: ['cmd'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--enable-experimental-kprobes and host allowlisted',
	since: '0.15.0',
	description: 'Calls into the NVIDIA kernel driver by ioctl command; the rarest commands share `other`.',
} as const;
