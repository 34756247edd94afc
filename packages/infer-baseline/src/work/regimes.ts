/** Judged steps that must agree before a level is given up: a fault of a second must not become normal. */
const EVIDENCE_STEPS = 128;
/** A step that disagrees takes back four: a run grows only while more than 80 % agree. */
const DISSENT = 4;
/** A slow level is adopted after this long, or after so many steps that waiting longer teaches nothing. */
const PATIENCE_NS = 60e9;
const PATIENCE_STEPS = 1024;
/** A level this much above its reference has drifted: what an outlier would be, had it come at once. */
const DRIFT_RATIO = 1.5;

/**
 * Watches whether a level still holds, for rows of kinds of work: lasting slowness is adopted, lasting speed makes the
 * level start over, and a level that crept up is noticed by a reference that stands still.
 */
export class Regimes {
	/** Above 0: slow steps in a row, below 0: fast ones; see {@link DISSENT}. */
	readonly #run: Int16Array;
	/** End of the first step of the slow run. */
	readonly #sinceNs: Float64Array;
	/** 95th percentile when it was last vouched for; 0: never. */
	readonly #referenceNs: Float64Array;
	readonly #epoch: Uint16Array;
	#driftedFromNs = 0;

	constructor(capacity: number) {
		this.#run = new Int16Array(capacity);
		this.#sinceNs = new Float64Array(capacity);
		this.#referenceNs = new Float64Array(capacity);
		this.#epoch = new Uint16Array(capacity);
	}

	restart(slot: number): void {
		this.#run[slot] = 0;
		this.#referenceNs[slot] = 0;
	}

	/** Counts an outlier. @returns true when slowness has lasted and is the new level */
	slow(slot: number, endNs: number): boolean {
		const run = Math.max(0, this.#run[slot] as number) + 1;
		this.#run[slot] = run;
		if (run === 1) this.#sinceNs[slot] = endNs;
		return run >= EVIDENCE_STEPS && (run >= PATIENCE_STEPS || endNs - (this.#sinceNs[slot] as number) >= PATIENCE_NS);
	}

	/** Counts a step that is no outlier, or even far too fast. @returns true when steps have become so fast that the level says nothing */
	normal(slot: number, isFast: boolean): boolean {
		let run = this.#run[slot] as number;
		if (run > 0) run = Math.max(0, run - DISSENT);
		else if (isFast) run -= 1;
		else run = Math.min(0, run + DISSENT);
		this.#run[slot] = run;
		return run <= -EVIDENCE_STEPS;
	}

	/**
	 * Compares a whole generation with the reference.
	 *
	 * @param epoch changes when drift of the same workload was noticed elsewhere: the reference is then taken anew
	 * @returns true when it has drifted: the reference, which moves to `p95Ns`, was {@link driftedFromNs}
	 */
	hasDrifted(slot: number, p95Ns: number, epoch: number): boolean {
		const reference = this.#referenceNs[slot] as number;
		const known = reference > 0 && this.#epoch[slot] === epoch;
		if (known && p95Ns < DRIFT_RATIO * reference) return false;
		this.#referenceNs[slot] = p95Ns;
		this.#epoch[slot] = epoch;
		this.#driftedFromNs = reference;
		return known;
	}

	get driftedFromNs(): number {
		return this.#driftedFromNs;
	}
}
