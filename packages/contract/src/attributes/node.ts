// The node and its state.

export const threshold = {
	key: 'threshold',
	type: 'double',
	on: ['point'],
	prometheusLabel: 'threshold',
	since: '<=0.10.0',
	description: 'Threshold that the score was compared with.',
} as const;

export const score = {
	key: 'score',
	type: 'double',
	on: ['point'],
	prometheusLabel: 'score',
	since: '<=0.10.0',
	description: 'Health score at the event.',
} as const;

export const dominantSignal = {
	key: 'dominant_signal',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'dominant_signal',
	enum: 'dominantSignals',
	since: '<=0.10.0',
	description: 'Signal that fell the furthest.',
} as const;

export const nodeState = {
	key: 'ingero.node.state',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'ingero_node_state',
	enum: 'nodeStates',
	since: '<=0.10.0',
	description: 'State the agent is in.',
} as const;

export const workloadType = {
	key: 'ingero.workload_type',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'ingero_workload_type',
	enum: 'workloadTypes',
	since: '<=0.10.0',
	description: 'What the node is used for.',
} as const;

export const detectionMode = {
	key: 'ingero.detection_mode',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'ingero_detection_mode',
	enum: 'detectionModes',
	since: '<=0.10.0',
	description: 'Where the threshold comes from.',
} as const;

export const gpuModel = {
	key: 'ingero.gpu_model',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'ingero_gpu_model',
	since: '0.11.0',
	description: 'GPU model as `nvidia-smi` prints it.',
} as const;

export const gpuCount = {
	key: 'ingero.gpu_count',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'ingero_gpu_count',
	since: '0.11.0',
	description: 'GPUs of the node.',
} as const;

export const clusterId = {
	key: 'ingero.cluster.id',
	type: 'string',
	on: ['span'],
	prometheusLabel: null,
	since: '0.14.0',
	description: 'Cluster of the node that a detection is about.',
} as const;

export const detectionStatus = {
	key: 'status',
	type: 'string',
	on: ['span'],
	prometheusLabel: null,
	since: '0.14.0',
	description: '`resolved`, on the event that ends a detection.',
} as const;
