/** How slow a step was, in multiples of its workload's 95th percentile; a step has at most one. */
export type OutlierBucket = '1.5x' | '2x' | '3x';

/** From the mildest to the worst. */
export const OUTLIER_BUCKETS: readonly OutlierBucket[] = ['1.5x', '2x', '3x'];

/**
 * The bucket of a ratio, or null for a step that is no outlier. Bounds are inclusive, the top one is tried first.
 *
 * @param ratio step duration / baseline p95; null for NaN
 * @param topRatio where `3x` starts, > 1. It moves that bucket only: with 5, a ratio of 4.5 is `2x`; below 1.5,
 * every outlier is `3x`
 */
export function outlierBucket(ratio: number, topRatio: number): OutlierBucket | null {
	if (ratio >= topRatio) return '3x';
	if (ratio >= 2) return '2x';
	if (ratio >= 1.5) return '1.5x';
	return null;
}
