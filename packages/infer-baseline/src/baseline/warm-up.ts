import { lowerMedian } from './median';

/** P² is defined from five samples on. */
export const MIN_WARMUP_STEPS = 5;

/** A sample this many times the median is a start-up cost (compilation, autotuning, page faults), not a step. */
export const GROSS_RATIO = 10;

/**
 * Decides whether a warm-up is complete, and which of its samples count.
 *
 * The samples are kept until then, and judged together by their median, because start-up steps come first: a
 * running judgement would take the first giant for normal. Gross samples are left out while they are few: two,
 * or the twentieth that a 95th percentile tolerates by itself. More are no start-up cost but a second mode, or
 * a level that rose, and all count: left out, they would stay outliers for ever. Either way warm-up ends, after
 * at most `warmupSteps + max(2, warmupSteps / 19)` samples, rounded up.
 *
 * @param samples durations in order of arrival, finite and > 0
 * @returns the samples that count, at least `warmupSteps` of them, or `undefined` while there are too few
 */
export function settleWarmUp(samples: readonly number[], warmupSteps: number): readonly number[] | undefined {
	if (samples.length < warmupSteps) return undefined;
	const limit = GROSS_RATIO * lowerMedian(samples);
	const usual = samples.filter((sample) => sample <= limit);
	const gross = samples.length - usual.length;
	if (gross > Math.max(2, samples.length / 20)) return samples;
	return usual.length >= warmupSteps ? usual : undefined;
}
