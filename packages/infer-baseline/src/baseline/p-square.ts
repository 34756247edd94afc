import { insertSorted } from '../internal/insert-sorted';

/**
 * Running quantile by the P² method: five markers, no stored samples. The state is a row of a shared
 * Float64Array, so that a thousand workloads are one allocation.
 *
 * The markers track the minimum, the p/2, the p and the (1+p)/2 quantile, and the maximum: the estimate is the
 * MIDDLE marker. (For p = 0.95 the fourth one is the 97.5th percentile.)
 *
 * On 1,000 independent samples of five distributions the estimate's rank is within 0.025 of p for 99 streams in
 * a hundred, and always within 0.05 (test); after 30 samples it averages 0.92 for p = 0.95, and has no bias from
 * 60 on. The memory is the whole stream's: it follows a change of level ever more slowly.
 *
 * @see Jain & Chlamtac, "The P² algorithm", CACM 28(10), 1985, box 1
 */

/** Doubles per estimator: five heights, then five positions, counted from 1; the last one is the sample count. */
export const P_SQUARE_FIELDS = 10;

const MARKERS = 5;
const TARGET = 2;

/** How many samples the row at `at` has seen. */
export function pSquareCount(rows: Float64Array, at: number): number {
	return rows[at + 2 * MARKERS - 1] as number;
}

/** The estimate, or NaN until five samples have been seen. */
export function pSquareValue(rows: Float64Array, at: number): number {
	return pSquareCount(rows, at) < MARKERS ? Number.NaN : (rows[at + TARGET] as number);
}

/** Estimates one quantile, in as many rows as its owner keeps. */
export class PSquare {
	/** Where the inner markers belong, as shares of the samples; by marker. */
	readonly #shares: Float64Array;

	/** @param p the quantile, 0 < p < 1 */
	constructor(p: number) {
		this.#shares = Float64Array.of(0, p / 2, p, (1 + p) / 2, 1);
	}

	/**
	 * Folds one sample into the row at `at`, which must start out as zeros.
	 *
	 * @param sample finite, in a cell of its own: a number passed to a function that is not inlined is boxed, and
	 * this is called three times a step
	 */
	observe(rows: Float64Array, at: number, sample: Float64Array): void {
		const positions = at + MARKERS;
		const count = (rows[positions + 4] as number) + 1;
		rows[positions + 4] = count;
		if (count <= MARKERS) {
			insertSorted(rows, at, count - 1, sample);
			if (count === MARKERS) for (let i = 0; i < MARKERS; i++) rows[positions + i] = i + 1;
			return;
		}
		const x = sample[0] as number;
		if (x < (rows[at] as number)) rows[at] = x;
		if (x > (rows[at + 4] as number)) rows[at + 4] = x;
		for (let i = 1; i <= 3; i++) {
			if (x < (rows[at + i] as number)) rows[positions + i] = (rows[positions + i] as number) + 1;
		}
		for (let i = 1; i <= 3; i++) this.#adjust(rows, at, i);
	}

	/** Moves marker `i` one position towards where it should be, if it is a whole position off and has room. */
	#adjust(rows: Float64Array, at: number, i: number): void {
		const desired = 1 + (pSquareCount(rows, at) - 1) * (this.#shares[i] as number);
		const marker = at + i;
		const n = rows[marker + MARKERS] as number;
		const nBelow = rows[marker + MARKERS - 1] as number;
		const nAbove = rows[marker + MARKERS + 1] as number;
		const offset = desired - n;
		let step: number;
		if (offset >= 1 && nAbove - n > 1) step = 1;
		else if (offset <= -1 && nBelow - n < -1) step = -1;
		else return;

		const q = rows[marker] as number;
		const qBelow = rows[marker - 1] as number;
		const qAbove = rows[marker + 1] as number;
		const slopeAbove = (qAbove - q) / (nAbove - n);
		const slopeBelow = (q - qBelow) / (n - nBelow);
		const parabolic =
			q + (step / (nAbove - nBelow)) * ((n - nBelow + step) * slopeAbove + (nAbove - n - step) * slopeBelow);
		const keepsOrder = qBelow < parabolic && parabolic < qAbove;
		rows[marker] = keepsOrder ? parabolic : q + step * (step === 1 ? slopeAbove : slopeBelow);
		rows[marker + MARKERS] = n + step;
	}
}
