// What the span of a slow step says about it.

export const inferStepDurationNs = {
	key: 'ingero.infer.step_duration_ns',
	type: 'int',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'Duration of the step, ns.',
} as const;

export const inferBaselineP95Ns = {
	key: 'ingero.infer.baseline_p95_ns',
	type: 'int',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: '95th percentile the step was compared with, ns.',
} as const;

export const inferBaselineMeanNs = {
	key: 'ingero.infer.baseline_mean_ns',
	type: 'int',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'Mean of the healthy steps at that time, ns.',
} as const;

export const inferP95Ratio = {
	key: 'ingero.infer.p95_ratio',
	type: 'double',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'Duration of the step over the 95th percentile.',
} as const;

export const inferMeanRatio = {
	key: 'ingero.infer.mean_ratio',
	type: 'double',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'Duration of the step over the mean.',
} as const;

export const inferMemfragEventsInStep = {
	key: 'ingero.infer.memfrag_events_in_step',
	type: 'int',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'Calls into the NVIDIA kernel driver during the step; absent when 0.',
} as const;

export const inferThrottleReasons = {
	key: 'ingero.infer.throttle_reasons',
	type: 'string',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'NVML bitmap of the reasons for low clocks without the idle bit, unsigned decimal; absent when 0.',
} as const;

export const inferKvcacheOldestAllocAgeMs = {
	key: 'ingero.infer.kvcache.oldest_alloc_age_ms',
	type: 'int',
	on: ['span'],
	prometheusLabel: null,
	since: '0.16.0',
	description: 'Age of the oldest live device allocation, ms; only on decode steps.',
} as const;
