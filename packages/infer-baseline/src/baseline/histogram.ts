/**
 * Upper bounds of the step duration histogram in ns: 15, geometric from 100 µs to 10 s, rounded. A value falls
 * into the first bucket whose bound is not below it; one more bucket takes the rest.
 */
export const STEP_DURATION_BOUNDS_NS: readonly number[] = Object.freeze([
	100_000, 227_585, 517_947, 1_178_769, 2_682_696, 6_105_402, 13_894_955, 31_622_777, 71_968_567, 163_789_371,
	372_759_372, 848_342_898, 1_930_697_729, 4_393_970_561, 10_000_000_000,
]);

/** Index of the bucket that takes `sample[0]`: 0..bounds.length, upper bounds inclusive. */
export function bucketIndex(bounds: Float64Array, sample: Float64Array): number {
	const value = sample[0] as number;
	let low = 0;
	let high = bounds.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (value <= (bounds[middle] as number)) high = middle;
		else low = middle + 1;
	}
	return low;
}
