import { P_SQUARE_FIELDS, PSquare, pSquareCount } from '../baseline/p-square';
import { GROSS_RATIO } from '../baseline/warm-up';
import { insertSorted } from '../internal/insert-sorted';

const P95 = new PSquare(0.95);
const FIELDS: number = 2 * P_SQUARE_FIELDS;

/** Samples kept one by one, in order of size, before markers take over: they fit the markers' place. */
const EXACT: number = FIELDS;
/** Places in a settled level's row, behind the markers that fill: what is answered, and the last markers' own 95th percentile. */
const MEDIAN: number = P_SQUARE_FIELDS;
const P95TH: number = P_SQUARE_FIELDS + 1;
const LATEST: number = P_SQUARE_FIELDS + 2;
/** So many samples of a level may be left out as start-up costs; more are a second mode. */
const MAX_GROSS = 2;
/** Samples after which generations have their full length: 20 exact ones, and generations of 40, 80 and 160. */
const YOUNG: number = 15 * EXACT;
/** All steps have become slower when the median has risen by as much; else some have. */
const RISE = 1.2;

/** Samples after which older ones are forgotten: enough for a 95th percentile, and 2.5 s of decoding at 10 ms. */
export const LEVEL_GENERATION = 256;

/**
 * How long the steps of each kind of work take: median and 95th percentile of the last full generation of 256 steps.
 *
 * Up to 20 samples are kept themselves, so that small numbers are exact and a start-up giant is known for one. From
 * then on a P² estimator fills; when a generation is full its answers are taken over, and it starts anew. The first
 * generations are shorter, so that slow first steps are soon forgotten. P² alone never forgets: after 100 slow steps at
 * the start, it takes 2,000 more before its 95th percentile leaves their level.
 *
 * A 95th percentile that rises alone must do so twice. A fault that lets some steps through at less than 1.5 times the
 * usual would otherwise raise what its others are compared with, within a dozen of them.
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

	/** Its generations are still short. */
	isYoung(slot: number): boolean {
		return (this.#count[slot] as number) < YOUNG;
	}

	/** @returns true when a full generation ended, so that the answers are those of the last {@link LEVEL_GENERATION} samples */
	observe(slot: number, durationNs: Float64Array): boolean {
		const at = slot * FIELDS;
		const count = this.#count[slot] as number;
		if (count < EXACT) {
			this.#count[slot] = count + 1;
			insertSorted(this.#rows, at, count, durationNs);
			if (count + 1 === EXACT) this.#settle(slot);
			return false;
		}
		if ((durationNs[0] as number) > GROSS_RATIO * this.median(slot) && (this.#gross[slot] as number) < MAX_GROSS) {
			this.#gross[slot] = (this.#gross[slot] as number) + 1;
			return false;
		}
		this.#count[slot] = count + 1;
		P95.observe(this.#rows, at, durationNs);
		const generation = this.#generation(count);
		if (pSquareCount(this.#rows, at) < generation) return false;
		this.#takeOver(at);
		this.#rows.fill(0, at, at + P_SQUARE_FIELDS);
		return generation === LEVEL_GENERATION;
	}

	/** The lower median; from 60 samples on the 47.5th percentile, P²'s own second marker. Needs a sample. */
	median(slot: number): number {
		const count = this.#count[slot] as number;
		return this.#rows[slot * FIELDS + (count < EXACT ? (count - 1) >>> 1 : MEDIAN)] as number;
	}

	/** The 95th percentile of a settled level: the lower one of two generations, unless their medians rose, too. */
	p95(slot: number): number {
		return this.#rows[slot * FIELDS + P95TH] as number;
	}

	/** Whether a duration is above {@link highestP95}. */
	exceeds(slot: number, durationNs: Float64Array): boolean {
		return (durationNs[0] as number) > this.highestP95(slot);
	}

	/** The largest 95th percentile that its last samples give reason for. */
	highestP95(slot: number): number {
		const at = slot * FIELDS;
		const filling = pSquareCount(this.#rows, at) < EXACT ? 0 : (this.#rows[at + 2] as number);
		return Math.max(this.#rows[at + LATEST] as number, filling);
	}

	/** Length of the generation that a sample belongs to, by its number: 40, 80, 160, then 256 each. */
	#generation(count: number): number {
		if (count >= YOUNG) return LEVEL_GENERATION;
		return count < 3 * EXACT ? 2 * EXACT : count < 7 * EXACT ? 4 * EXACT : 8 * EXACT;
	}

	#takeOver(at: number): void {
		const median = this.#rows[at + 1] as number;
		const latest = this.#rows[at + 2] as number;
		const isRise = median > RISE * (this.#rows[at + MEDIAN] as number);
		this.#rows[at + P95TH] = isRise ? latest : Math.min(latest, this.#rows[at + LATEST] as number);
		this.#rows[at + MEDIAN] = median;
		this.#rows[at + LATEST] = latest;
	}

	#settle(slot: number): void {
		const at = slot * FIELDS;
		const gross = this.#countGross(at);
		if (gross > 0 && gross <= MAX_GROSS - (this.#gross[slot] as number)) {
			this.#gross[slot] = (this.#gross[slot] as number) + gross;
			this.#count[slot] = EXACT - gross;
			return;
		}
		const median = this.#rows[at + ((EXACT - 1) >>> 1)] as number;
		const p95 = this.#rows[at + 0.95 * EXACT - 1] as number;
		this.#rows.fill(0, at, at + FIELDS);
		this.#rows[at + MEDIAN] = median;
		this.#rows[at + P95TH] = p95;
		this.#rows[at + LATEST] = p95;
	}

	/** How many of the samples, which are in order, are start-up costs. */
	#countGross(at: number): number {
		const limit = GROSS_RATIO * (this.#rows[at + ((EXACT - 1) >>> 1)] as number);
		let gross = 0;
		while ((this.#rows[at + EXACT - 1 - gross] as number) > limit) gross += 1;
		return gross;
	}
}
