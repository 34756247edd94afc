// Values that describe steps, workloads and engines.

/** What a step does: takes in prompts, generates tokens, both at once, or nobody can say. */
export const phases = ['prefill', 'decode', 'mixed', 'unknown'] as const;
export type Phase = (typeof phases)[number];

/**
 * How slow a slow step was, as a multiple of its baseline's 95th percentile. Exclusive: a step counts in the largest one.
 * The top bucket keeps its name when its threshold is configured to another value.
 */
export const outlierBuckets = ['1.5x', '2x', '3x'] as const;
export type OutlierBucket = (typeof outlierBuckets)[number];

/** Smallest bucket that makes the sampler admit everything. */
export const samplerDegradeOn = ['1.5x', '2x', '3x', 'off'] as const;
export type SamplerDegradeOn = (typeof samplerDegradeOn)[number];

/** Why the sampler left the healthy rate. */
export const samplerCauses = ['outlier_1_5x', 'outlier_2x', 'outlier_3x'] as const;
export type SamplerCause = (typeof samplerCauses)[number];

/** Inference engines that are recognised. */
export const engines = ['vllm', 'tgi', 'sglang', 'triton'] as const;
export type Engine = (typeof engines)[number];
