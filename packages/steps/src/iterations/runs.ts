import { Habit } from './habit';
import type { Kind } from './kinds';

/** Nobody drafts more: the chance that all are accepted falls with each. Requests are longer than that. */
const MAX_DRAFTS = 16;
/** One piece before a larger one is a companion, see there. */
const MIN_DRAFTS = 2;
/** Times that a prefill was seen between a check and the next run, or was not after it had been. */
const BELIEVED_CHANGES = 3;

/** Runs of pieces of one kind that a much larger piece ended. */
export class Runs {
	/** Of the latest run, what ended it, and which number among all pieces that was. */
	length = 0;
	checkedBy: Kind | undefined;
	#endedAt = 0;
	readonly #areEqual: Habit = new Habit();
	/** Some were ended by another kind of pieces. */
	#areMixed = false;
	/** Pieces between the latest run and the one before, and how often that was another number than the time before. */
	#between = 0;
	#changes = 0;

	/** Always as many before the same check, but not always right after one. */
	get areDrafts(): boolean {
		return !this.#areMixed && this.#areEqual.isBelieved && this.#changes >= BELIEVED_CHANGES;
	}

	/** @param at number of the piece that ended it among all pieces */
	ended(length: number, by: Kind, at: number): void {
		const between = at - length - this.#endedAt;
		if (this.checkedBy !== undefined) {
			this.#areEqual.seen(length === this.length && length >= MIN_DRAFTS && length <= MAX_DRAFTS);
			if (by !== this.checkedBy) this.#areMixed = true;
			if (between !== this.#between) this.#changes += 1;
		}
		this.#between = between;
		this.#endedAt = at;
		this.length = length;
		this.checkedBy = by;
	}

	interrupted(): void {
		this.#areEqual.seen(false);
	}
}
