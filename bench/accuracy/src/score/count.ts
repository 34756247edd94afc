/** Truth → what was said → how often. */
export type Confusion = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Adds one to a count. @returns the new count */
export function addTo<Key>(counts: Map<Key, number>, key: Key): number {
	const count = (counts.get(key) ?? 0) + 1;
	counts.set(key, count);
	return count;
}

/** Counts pairs of what is true and what was said. */
export function confusionOf(pairs: readonly { readonly truth: string; readonly said: string }[]): Confusion {
	const grouped = groupBy(pairs, ({ truth }) => truth);
	return new Map(
		[...grouped].map(([truth, group]) => {
			const row = new Map<string, number>();
			for (const { said } of group) addTo(row, said);
			return [truth, row];
		}),
	);
}

/** The values of each key, keys and values in the order of `values`. */
export function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
	const groups = new Map<string, Value[]>();
	for (const value of values) {
		const key = keyOf(value);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [value]);
		else group.push(value);
	}
	return groups;
}

/** The middle value, or the mean of the two; NaN of nothing. @param sorted ascending */
export function median(sorted: readonly number[]): number {
	const half = sorted.length >> 1;
	const upper = sorted[half] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}
