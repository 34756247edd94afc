/** A workload whose known work was slow is in trouble for this many steps of new work, */
const LASTS = 128;
/** and each step of known work that was not slow takes away as many. */
const RELIEF = 32;

/**
 * Which workloads are in trouble: what they do for the first time meanwhile would be taken for usually slow. Bounded, because
 * the trouble may be the new normal.
 */
export class Troubles {
	readonly #left: Uint16Array;

	constructor(capacity: number) {
		this.#left = new Uint16Array(capacity);
	}

	restart(slot: number): void {
		this.#left[slot] = 0;
	}

	/** A step of known work was compared. */
	compared(slot: number, isSlow: boolean): void {
		this.#left[slot] = isSlow ? LASTS : Math.max(0, (this.#left[slot] as number) - RELIEF);
	}

	/** Whether a step of new work teaches nothing yet. */
	spoils(slot: number): boolean {
		const left = this.#left[slot] as number;
		if (left > 0) this.#left[slot] = left - 1;
		return left > 0;
	}
}
