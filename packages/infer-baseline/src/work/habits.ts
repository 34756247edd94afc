const WINDOW = 64;
/** More than the 5 % that lie above a 95th percentile anyway. */
const LEAST = 4;
/** Above 80 %, slowness is a new level, not a habit beside the old one. */
const MOST = 51;
/** 1,024 steps: as long as a level that is slow throughout waits to be adopted. */
const WINDOWS = 16;

/**
 * Recognises slowness that comes and goes but never ends: a tenth of all steps that wait for a scheduler, a log, a
 * garbage collection. Outliers shape no baseline, so such a mode would be one for ever, unless the first few steps
 * happened to show it. A fault comes in one piece and leaves most windows without an outlier.
 */
export class Habits {
	readonly #steps: Uint8Array;
	readonly #outliers: Uint8Array;
	/** Windows in a row with outliers among other steps. */
	readonly #windows: Uint8Array;

	constructor(capacity: number) {
		this.#steps = new Uint8Array(capacity);
		this.#outliers = new Uint8Array(capacity);
		this.#windows = new Uint8Array(capacity);
	}

	restart(slot: number): void {
		this.#steps[slot] = 0;
		this.#outliers[slot] = 0;
		this.#windows[slot] = 0;
	}

	observe(slot: number, isOutlier: boolean): void {
		const steps = (this.#steps[slot] as number) + 1;
		const outliers = (this.#outliers[slot] as number) + (isOutlier ? 1 : 0);
		if (steps < WINDOW) {
			this.#steps[slot] = steps;
			this.#outliers[slot] = outliers;
			return;
		}
		const mixed = outliers >= LEAST && outliers <= MOST;
		this.#steps[slot] = 0;
		this.#outliers[slot] = 0;
		this.#windows[slot] = mixed ? Math.min(WINDOWS, (this.#windows[slot] as number) + 1) : 0;
	}

	/** Whether slow steps have become part of what is usual. */
	isHabit(slot: number): boolean {
		return this.#windows[slot] === WINDOWS;
	}
}
