// Steps, baselines and slow steps of inference workloads.

export const inferStepDurationNs = {
	name: 'ingero.infer.step_duration_ns',
	type: 'histogram',
	valueType: 'double',
	unit: 'ns',
	attributes: ['ingero.cgroup.path_hash', 'pid', 'ingero.infer.stream_handle', 'ingero.infer.phase'],
	optionalAttributes: ['ingero.infer.kernel_fingerprint', 'gen_ai.request.model', 'gen_ai.system'],
	prometheus: {
		name: 'ingero_infer_step_duration_ns',
		type: 'histogram',
		labels: ['cgroup_path_hash', 'pid', 'stream_handle', 'phase'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference and workload warmed',
	since: '0.16.0',
	description: 'Duration of the steps of one workload, outliers included.',
} as const;

export const inferBaselineMeanNs = {
	name: 'ingero.infer.baseline_mean_ns',
	type: 'gauge',
	valueType: 'double',
	unit: 'ns',
	attributes: ['ingero.cgroup.path_hash', 'pid', 'ingero.infer.stream_handle', 'ingero.infer.phase'],
	optionalAttributes: ['ingero.infer.kernel_fingerprint', 'gen_ai.request.model', 'gen_ai.system'],
	prometheus: {
		name: 'ingero_infer_baseline_mean_ns',
		type: 'gauge',
		labels: ['cgroup_path_hash', 'pid', 'stream_handle', 'phase'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference and workload warmed',
	since: '0.16.0',
	description: 'Moving mean of the healthy step durations of one workload.',
} as const;

export const inferBaselineP95Ns = {
	name: 'ingero.infer.baseline_p95_ns',
	type: 'gauge',
	valueType: 'double',
	unit: 'ns',
	attributes: ['ingero.cgroup.path_hash', 'pid', 'ingero.infer.stream_handle', 'ingero.infer.phase'],
	optionalAttributes: ['ingero.infer.kernel_fingerprint', 'gen_ai.request.model', 'gen_ai.system'],
	prometheus: {
		name: 'ingero_infer_baseline_p95_ns',
		type: 'gauge',
		labels: ['cgroup_path_hash', 'pid', 'stream_handle', 'phase'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference and workload warmed',
	since: '0.16.0',
	description: 'Running estimate of the 95th percentile of the step durations of one workload.',
} as const;

export const inferOutlierTotal = {
	name: 'ingero.infer.outlier_total',
	type: 'counter',
	valueType: 'int',
	unit: '1',
	attributes: [
		'ingero.cgroup.path_hash',
		'pid',
		'ingero.infer.stream_handle',
		'ingero.infer.phase',
		'ingero.infer.outlier_bucket',
	],
	optionalAttributes: ['ingero.infer.kernel_fingerprint', 'gen_ai.request.model', 'gen_ai.system'],
	prometheus: {
		name: 'ingero_infer_outlier_total',
		type: 'counter',
		labels: ['cgroup_path_hash', 'pid', 'stream_handle', 'phase', 'bucket'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference',
	since: '0.16.0',
	description: 'Slow steps of one workload, each in the largest bucket it reached.',
} as const;

export const inferWorkloadsTracked = {
	name: 'ingero.infer.workloads_tracked',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: [],
	prometheus: { name: 'ingero_infer_workloads_tracked', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference',
	since: '0.16.0',
	description: 'Workloads that have a baseline in memory.',
} as const;

export const inferSamplerDegraded = {
	name: 'ingero.infer.sampler.degraded',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: [],
	optionalAttributes: ['ingero.infer.sampler.cause'],
	prometheus: { name: 'ingero_infer_sampler_degraded', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference',
	since: '0.16.0',
	description: '1 while every event is admitted because something is slow, 0 at the healthy rate.',
} as const;

export const inferSamplerDegradationsTotal = {
	name: 'ingero.infer.sampler.degradations_total',
	type: 'counter',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.infer.sampler.cause'],
	prometheus: { name: 'ingero_infer_sampler_degradations_total', type: 'counter', labels: ['cause'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference',
	since: '0.16.0',
	description: 'Times that the sampler left the healthy rate, by cause.',
} as const;

export const inferThrottleActiveTotal = {
	name: 'ingero.infer.throttle_active_total',
	type: 'counter',
	valueType: 'int',
	unit: '1',
	attributes: ['ingero.infer.outlier_bucket'],
	prometheus: { name: 'ingero_infer_throttle_active_total', type: 'counter', labels: ['bucket'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference',
	since: '0.16.0',
	description: 'Slow steps that ran while a GPU held its clocks down.',
} as const;

export const inferKvcacheAllocAgeMs = {
	name: 'ingero.infer.kvcache.alloc_age_ms',
	type: 'histogram',
	valueType: 'double',
	unit: 'ms',
	attributes: [],
	prometheus: { name: 'ingero_infer_kvcache_alloc_age_ms', type: 'histogram', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--inference-kvcache-lineage',
	since: '0.16.0',
	description: 'Age of the oldest live device allocations, sampled at slow decode steps of the whole engine.',
} as const;
