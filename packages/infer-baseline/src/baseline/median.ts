/** The median of a non-empty list; of an even number of values the lower of the two in the middle. */
export function lowerMedian(values: ArrayLike<number>): number {
	const sorted = Float64Array.from(values).sort();
	return sorted[(sorted.length - 1) >>> 1] as number;
}
