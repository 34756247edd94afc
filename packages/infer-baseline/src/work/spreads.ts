import { P_SQUARE_FIELDS, PSquare, pSquareCount, pSquareValue } from '../baseline/p-square';

const P95 = new PSquare(0.95);
/** Below this a 95th percentile is guesswork. */
const MIN_STEPS = 20;
/** Stands for the spread until it is known: a healthy engine's 95th percentile is 1.02 (graphs) to 1.9 (eager) medians. */
const ASSUMED = 2;
/** Less is not believed: one kind of work may be steadier than the next, whose slower half would then never be learnt. */
const LEAST = 1.5;

/**
 * How far the steps of a workload's young kinds of work spread above their medians: the 95th percentile of duration /
 * median. A kind that has a median, but too few steps to show a spread of its own, borrows it. 80 bytes a workload.
 */
export class Spreads {
	readonly #rows: Float64Array;
	readonly #ratio = new Float64Array(1);

	constructor(capacity: number) {
		this.#rows = new Float64Array(capacity * P_SQUARE_FIELDS);
	}

	restart(slot: number): void {
		this.#rows.fill(0, slot * P_SQUARE_FIELDS, (slot + 1) * P_SQUARE_FIELDS);
	}

	observe(slot: number, durationNs: number, medianNs: number): void {
		this.#ratio[0] = durationNs / medianNs;
		P95.observe(this.#rows, slot * P_SQUARE_FIELDS, this.#ratio);
	}

	/** At least 1.5, and as a rule below 3. */
	spread(slot: number): number {
		const at = slot * P_SQUARE_FIELDS;
		return pSquareCount(this.#rows, at) < MIN_STEPS ? ASSUMED : Math.max(LEAST, pSquareValue(this.#rows, at));
	}
}
