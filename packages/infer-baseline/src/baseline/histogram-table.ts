import { bucketIndex } from './histogram';

/** Cumulative duration histograms, one row a workload: bucket counts, then the sum. 8 x (bounds + 2) bytes a row. */
export class HistogramTable {
	readonly #bounds: Float64Array;
	readonly #rows: Float64Array;
	readonly #width: number;

	constructor(capacity: number, boundsNs: readonly number[]) {
		this.#bounds = Float64Array.from(boundsNs);
		this.#width = boundsNs.length + 2;
		this.#rows = new Float64Array(capacity * this.#width);
	}

	restart(slot: number): void {
		this.#rows.fill(0, slot * this.#width, (slot + 1) * this.#width);
	}

	observe(slot: number, durationNs: Float64Array): void {
		const row = slot * this.#width;
		const bucket = row + bucketIndex(this.#bounds, durationNs);
		const sum = row + this.#width - 1;
		this.#rows[bucket] = (this.#rows[bucket] as number) + 1;
		this.#rows[sum] = (this.#rows[sum] as number) + (durationNs[0] as number);
	}

	read(slot: number): { counts: number[]; sumNs: number } {
		const row = this.#rows.subarray(slot * this.#width, (slot + 1) * this.#width);
		return { counts: Array.from(row.subarray(0, -1)), sumNs: row[this.#width - 1] as number };
	}
}
