// CUDA calls: latency, copies and launches.

export const gpuCudaOperationDuration = {
	name: 'gpu.cuda.operation.duration',
	type: 'gauge',
	valueType: 'double',
	unit: 'us',
	attributes: ['source', 'operation', 'percentile'],
	prometheus: {
		name: 'gpu_cuda_operation_duration_microseconds',
		type: 'gauge',
		labels: ['source', 'operation', 'percentile'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Latency of one traced operation over its latest 1,000 calls, one point per percentile.',
} as const;

export const gpuCudaOperationCount = {
	name: 'gpu.cuda.operation.count',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['source', 'operation'],
	prometheus: { name: 'gpu_cuda_operation_count', type: 'counter', labels: ['source', 'operation'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Calls of one traced operation since the agent started.',
} as const;

export const gpuMemcpyBytesTotal = {
	name: 'gpu.memcpy.bytes_total',
	type: 'counter',
	valueType: 'int',
	unit: 'By',
	attributes: ['ingero.memcpy.direction'],
	prometheus: { name: 'gpu_memcpy_bytes_total', type: 'counter', labels: ['direction'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '0.14.0',
	description: 'Bytes that CUDA copy calls moved, by direction.',
} as const;

export const gpuMemcpyDurationMs = {
	name: 'gpu.memcpy.duration_ms',
	type: 'histogram',
	valueType: 'double',
	unit: 'ms',
	attributes: ['ingero.memcpy.direction'],
	prometheus: { name: 'gpu_memcpy_duration_ms', type: 'histogram', labels: ['direction'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '0.15.0',
	description: 'Time one CUDA copy call took, by direction.',
} as const;

export const gpuKernelLaunchCount = {
	name: 'gpu.kernel.launch.count',
	type: 'counter',
	valueType: 'int',
	unit: '{launch}',
	attributes: ['pid'],
	prometheus: { name: 'gpu_kernel_launch_count', type: 'counter', labels: ['pid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--enable-experimental-kprobes and host allowlisted',
	since: '0.15.0',
	description: 'Kernels that one process launched.',
} as const;

export const gpuKernelLaunchThreadsPerBlock = {
	name: 'gpu.kernel.launch.threads_per_block',
	type: 'histogram',
	valueType: 'double',
	unit: '{thread}',
	attributes: ['pid'],
	prometheus: { name: 'gpu_kernel_launch_threads_per_block', type: 'histogram', labels: ['pid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--enable-experimental-kprobes and host allowlisted',
	since: '0.15.0',
	description: 'Threads per block of a launch, x times y (z counts as 1).',
} as const;

export const gpuKernelLaunchGridBlocks = {
	name: 'gpu.kernel.launch.grid_blocks',
	type: 'histogram',
	valueType: 'double',
	unit: '{block}',
	attributes: ['pid'],
	prometheus: { name: 'gpu_kernel_launch_grid_blocks', type: 'histogram', labels: ['pid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--enable-experimental-kprobes and host allowlisted',
	since: '0.15.0',
	description: 'Blocks in the grid of a launch, x times y times z.',
} as const;
