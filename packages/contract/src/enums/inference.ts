// Values that describe steps, workloads and engines.

/** What a step does: takes in prompts, generates tokens, both at once, or nobody can say. */
export const phases = ['prefill', 'decode', 'mixed', 'unknown'] as const;
export type Phase = (typeof phases)[number];

/**
 * How slow a slow step was, as a multiple of the 95th percentile of its like. Exclusive: a step counts in the largest one.
 * The top bucket keeps its name when its threshold is configured to another value.
 */
export const outlierBuckets = ['1.5x', '2x', '3x'] as const;
export type OutlierBucket = (typeof outlierBuckets)[number];

/** Why a baseline was replaced: its steps had been outliers for so long that they are the normal, or it crept up unseen. */
export const baselineShiftReasons = ['shift', 'drift'] as const;
export type BaselineShiftReason = (typeof baselineShiftReasons)[number];

/** What one allocation of device memory is, and so what the ages beside it are ages of. */
export const kvCacheGranularities = {
	blocks: { name: 'blocks', description: 'A buffer the application asked for: ages are ages of its buffers.' },
	segments: {
		name: 'segments',
		description: 'A piece that a caching allocator took from the driver: what was handed out inside it is hidden.',
	},
	mapped: { name: 'mapped', description: 'A piece of an address range that grows by mapping: the same.' },
	pool: { name: 'pool', description: 'Memory taken once and kept: ages tell when, and nothing about requests.' },
	unknown: { name: 'unknown', description: 'Not to be told from what is seen.' },
} as const;
export type KvCacheGranularity = (typeof kvCacheGranularities)[keyof typeof kvCacheGranularities]['name'];

/** How much of the device memory of a process was seen being allocated. */
export const kvCacheCoverages = {
	whole: { name: 'whole', description: 'All: the process was watched from its first call into CUDA.' },
	part: { name: 'part', description: 'Not all: memory was freed that nobody saw allocated, or too much to keep.' },
	unknown: { name: 'unknown', description: 'What came before the watch began is not known.' },
} as const;
export type KvCacheCoverage = (typeof kvCacheCoverages)[keyof typeof kvCacheCoverages]['name'];

/** Smallest bucket that makes the sampler admit everything. */
export const samplerDegradeOn = ['1.5x', '2x', '3x', 'off'] as const;
export type SamplerDegradeOn = (typeof samplerDegradeOn)[number];

/** Why the sampler left the healthy rate. */
export const samplerCauses = ['outlier_1_5x', 'outlier_2x', 'outlier_3x'] as const;
export type SamplerCause = (typeof samplerCauses)[number];

/** Inference engines that are recognised. */
export const engines = ['vllm', 'tgi', 'sglang', 'triton'] as const;
export type Engine = (typeof engines)[number];
