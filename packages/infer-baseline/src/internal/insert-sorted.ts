/** Inserts `sample[0]` into the `filled` ascending numbers from `at` on; the cell after them must be free. */
export function insertSorted(rows: Float64Array, at: number, filled: number, sample: Float64Array): void {
	const x = sample[0] as number;
	let i = at + filled;
	while (i > at && (rows[i - 1] as number) > x) {
		rows[i] = rows[i - 1] as number;
		i -= 1;
	}
	rows[i] = x;
}
