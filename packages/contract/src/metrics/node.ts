// The node as its fleet sees it.

export const nodeHealthScore = {
	name: 'ingero.node.health_score',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['ingero.node.state', 'ingero.workload_type', 'ingero.cgroup.path_hash'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Health of the node in one number, 0 to 1.',
} as const;

export const nodeThroughputRatio = {
	name: 'ingero.node.throughput_ratio',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['ingero.node.state', 'ingero.workload_type'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Kernel launch rate now over its own short-term mean, at most 1.',
} as const;

export const nodeComputeEfficiency = {
	name: 'ingero.node.compute_efficiency',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['ingero.node.state', 'ingero.workload_type'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Share of the window that the GPUs of the node spent in CUDA work, 0 to 1.',
} as const;

export const nodeMemoryHeadroom = {
	name: 'ingero.node.memory_headroom',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['ingero.node.state', 'ingero.workload_type'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Share of the GPU memory that is free, 0 to 1; of the host memory where no GPU can be asked.',
} as const;

export const nodeCpuAvailability = {
	name: 'ingero.node.cpu_availability',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['ingero.node.state', 'ingero.workload_type'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Share of the host CPU time that is idle, 0 to 1.',
} as const;

export const nodeDegradationWarning = {
	name: 'ingero.node.degradation_warning',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.node.state', 'ingero.workload_type'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: '1 while a signal of the node runs below half of its long-term floor, else 0.',
} as const;

export const agentDetectionMode = {
	name: 'ingero.agent.detection_mode',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.detection_mode'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Constant 1; the attribute says where the threshold comes from.',
} as const;

export const agentFleetReachable = {
	name: 'ingero.agent.fleet_reachable',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: [],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: '0 once a run of pushes to the fleet has failed, else 1.',
} as const;

export const nodeStragglerEvent = {
	name: 'ingero.node.straggler_event',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.detection_mode', 'threshold', 'score', 'dominant_signal'],
	optionalAttributes: ['ingero.event.id'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '<=0.10.0',
	description: '1 at every tick on which the node takes itself for a straggler, 0 once when it recovers.',
} as const;

export const nodeInfo = {
	name: 'ingero.node.info',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.gpu_model', 'ingero.gpu_count'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '0.11.0',
	description: 'Constant 1; the attributes describe the GPUs of the node.',
} as const;

export const nodeWorldSize = {
	name: 'ingero.node.world_size',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: [],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '0.11.0',
	description: 'Ranks of the distributed job as declared, 0 without one.',
} as const;

export const nodeCudaKernelLaunchTotal = {
	name: 'ingero.node.cuda_kernel_launch_total',
	type: 'counter',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.cgroup.path_hash'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '0.14.0',
	description: 'Kernels launched from one cgroup.',
} as const;

export const nodeCudaMemcpyBytesTotal = {
	name: 'ingero.node.cuda_memcpy_bytes_total',
	type: 'counter',
	valueType: 'int',
	unit: 'By',
	attributes: ['ingero.cgroup.path_hash', 'ingero.memcpy.direction'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '0.14.0',
	description: 'Bytes copied by CUDA from one cgroup, by direction.',
} as const;

export const nodeCpuStallNanosTotal = {
	name: 'ingero.node.cpu_stall_nanos_total',
	type: 'counter',
	valueType: 'int',
	unit: 'ns',
	attributes: ['ingero.cgroup.path_hash'],
	prometheus: null,
	channels: ['fleet'],
	status: 'default',
	since: '0.14.0',
	description: 'Time that tasks of one cgroup were kept off the CPU.',
} as const;
