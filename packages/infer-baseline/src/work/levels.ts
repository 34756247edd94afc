import { P_SQUARE_FIELDS, PSquare, pSquareCount } from '../baseline/p-square';
import { GROSS_RATIO } from '../baseline/warm-up';
import { insertSorted } from '../internal/insert-sorted';

const P95 = new PSquare(0.95);
const FIELDS: number = 2 * P_SQUARE_FIELDS;

/** Samples kept one by one, in order of size, before markers take over: they fit the markers' place. */
const EXACT: number = FIELDS;
/** So many samples of a level may be left out as start-up costs; more are a second mode. */
const MAX_GROSS = 2;

/** Samples after which older ones are forgotten: enough for a 95th percentile, and 2.5 s of decoding at 10 ms. */
export const LEVEL_GENERATION = 256;

/**
 * How long the steps of each kind of work take: median and 95th percentile of the last full generation of 256 steps.
 *
 * Up to 20 samples are kept themselves, so that small numbers are exact and a start-up giant is known for one. From
 * then on one P² estimator answers while another one fills, and takes its place when a generation is complete. P² alone never forgets: after 100
 * slow steps at the start, it takes 2,000 more before its 95th percentile leaves their level.
 *
 * Rows of typed arrays, 165 bytes a level.
 */
export class Levels {
	readonly #rows: Float64Array;
	readonly #count: Uint32Array;
	readonly #gross: Uint8Array;

	constructor(capacity: number) {
		this.#rows = new Float64Array(capacity * FIELDS);
		this.#count = new Uint32Array(capacity);
		this.#gross = new Uint8Array(capacity);
	}

	restart(slot: number): void {
		this.#count[slot] = 0;
		this.#gross[slot] = 0;
	}

	count(slot: number): number {
		return this.#count[slot] as number;
	}

	/** Whether there are samples enough for {@link p95}. */
	isSettled(slot: number): boolean {
		return (this.#count[slot] as number) >= EXACT;
	}

	/** Still in its first generation: its answers improve with every sample. */
	isYoung(slot: number): boolean {
		return (this.#count[slot] as number) < EXACT + LEVEL_GENERATION;
	}

	/** @returns true when a generation ended, so that the answers are those of the last {@link LEVEL_GENERATION} samples */
	observe(slot: number, durationNs: Float64Array): boolean {
		const at = slot * FIELDS;
		const count = this.#count[slot] as number;
		this.#count[slot] = count + 1;
		if (count < EXACT) {
			insertSorted(this.#rows, at, count, durationNs);
			if (count + 1 === EXACT) this.#settle(slot);
			return false;
		}
		if ((durationNs[0] as number) > GROSS_RATIO * this.median(slot) && (this.#gross[slot] as number) < MAX_GROSS) {
			this.#gross[slot] = (this.#gross[slot] as number) + 1;
			return false;
		}
		const filling = at + P_SQUARE_FIELDS;
		if (count < EXACT + LEVEL_GENERATION) P95.observe(this.#rows, at, durationNs);
		P95.observe(this.#rows, filling, durationNs);
		if (pSquareCount(this.#rows, filling) < LEVEL_GENERATION) return false;
		for (let i = 0; i < P_SQUARE_FIELDS; i++) {
			this.#rows[at + i] = this.#rows[filling + i] as number;
			this.#rows[filling + i] = 0;
		}
		return true;
	}

	/** The lower median; of a settled level the 47.5th percentile, P²'s own second marker. Needs a sample. */
	median(slot: number): number {
		const count = this.#count[slot] as number;
		return this.#rows[slot * FIELDS + (count < EXACT ? (count - 1) >>> 1 : 1)] as number;
	}

	/** The 95th percentile of a settled level. */
	p95(slot: number): number {
		return this.#rows[slot * FIELDS + 2] as number;
	}

	#settle(slot: number): void {
		const at = slot * FIELDS;
		const gross = this.#countGross(at);
		if (gross > 0 && gross <= MAX_GROSS - (this.#gross[slot] as number)) {
			this.#gross[slot] = (this.#gross[slot] as number) + gross;
			this.#count[slot] = EXACT - gross;
			return;
		}
		P95.seed(this.#rows, at, EXACT);
		this.#rows.fill(0, at + P_SQUARE_FIELDS, at + FIELDS);
	}

	/** How many of the samples, which are in order, are start-up costs. */
	#countGross(at: number): number {
		const limit = GROSS_RATIO * (this.#rows[at + ((EXACT - 1) >>> 1)] as number);
		let gross = 0;
		while ((this.#rows[at + EXACT - 1 - gross] as number) > limit) gross += 1;
		return gross;
	}
}
