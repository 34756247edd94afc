// NCCL: collectives of distributed work.

export const gpuNcclProcessLoaded = {
	name: 'gpu.nccl.process_loaded',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: ['pid', 'comm', 'libnccl_path', 'libnccl_version'],
	prometheus: {
		name: 'gpu_nccl_process_loaded',
		type: 'gauge',
		labels: ['pid', 'comm', 'libnccl_path', 'libnccl_version'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--libnccl-discovery-interval > 0',
	since: '0.14.0',
	description: 'Constant 1 for every process that maps libnccl.',
} as const;

export const gpuNcclProcessesTotal = {
	name: 'gpu.nccl.processes_total',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: [],
	prometheus: { name: 'gpu_nccl_processes_total', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--libnccl-discovery-interval > 0',
	since: '0.14.0',
	description: 'Processes that map libnccl; 0 after a scan that found none. A gauge despite its name.',
} as const;

export const ncclCollectiveDurationMs = {
	name: 'nccl.collective.duration_ms',
	type: 'gauge',
	valueType: 'double',
	unit: 'ms',
	attributes: ['nccl.op_type', 'nccl.comm_id_hash', 'nccl.rank', 'nccl.nranks', 'nccl.datatype', 'nccl.reduce_op'],
	optionalAttributes: ['nccl.peer_rank'],
	prometheus: null,
	channels: ['otlp'],
	status: 'default',
	gate: '--nccl',
	since: '0.12.1',
	description: 'Time from entering to leaving one NCCL call; one point a call, stamped with the time of the call.',
} as const;

export const ncclCollectiveBytes = {
	name: 'nccl.collective.bytes',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: ['nccl.op_type', 'nccl.comm_id_hash', 'nccl.rank', 'nccl.nranks', 'nccl.datatype', 'nccl.reduce_op'],
	optionalAttributes: ['nccl.peer_rank'],
	prometheus: null,
	channels: ['otlp'],
	status: 'default',
	gate: '--nccl',
	since: '0.12.1',
	description: 'Payload of one NCCL call, its elements times their size; one point a call.',
} as const;

export const ncclCollectiveBarrierWaitMs = {
	name: 'nccl.collective.barrier_wait_ms',
	type: 'gauge',
	valueType: 'double',
	unit: 'ms',
	attributes: ['nccl.op_type', 'nccl.comm_id_hash', 'nccl.rank', 'nccl.nranks', 'nccl.datatype', 'nccl.reduce_op'],
	prometheus: null,
	channels: ['otlp'],
	status: 'default',
	gate: '--nccl',
	since: '0.12.1',
	description: 'Time from entering a collective to the next wait for its stream; one point a collective.',
} as const;

export const ncclCollectivePeerLagMs = {
	name: 'nccl.collective.peer_lag_ms',
	type: 'gauge',
	valueType: 'double',
	unit: 'ms',
	attributes: ['nccl.op_type', 'nccl.comm_id_hash', 'nccl.rank'],
	prometheus: null,
	channels: [],
	status: 'reserved',
	since: '0.12.1',
	description: 'How far one rank trails its peers. Reserved for whoever compares nodes; no agent sends it.',
} as const;

export const gpuNcclCollectiveCount = {
	name: 'gpu.nccl.collective.count',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['nccl.op_type'],
	prometheus: { name: 'gpu_nccl_collective_count', type: 'counter', labels: ['op_type'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '0.15.0',
	description: 'NCCL calls seen, by operation.',
} as const;

export const gpuNcclCollectiveBytesTotal = {
	name: 'gpu.nccl.collective.bytes_total',
	type: 'counter',
	valueType: 'int',
	unit: 'By',
	attributes: ['nccl.op_type'],
	prometheus: { name: 'gpu_nccl_collective_bytes_total', type: 'counter', labels: ['op_type'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '0.15.0',
	description: 'Payload of the NCCL calls seen, by operation.',
} as const;

export const gpuNcclCollectiveBarrierEvents = {
	name: 'gpu.nccl.collective.barrier_events',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['nccl.op_type'],
	prometheus: { name: 'gpu_nccl_collective_barrier_events', type: 'counter', labels: ['op_type'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '0.15.0',
	description: 'Collectives paired with the wait for their stream, by operation.',
} as const;
