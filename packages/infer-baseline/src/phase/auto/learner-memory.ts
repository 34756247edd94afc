import { SKETCH_WORDS } from '../../internal/sketch';

/** By as much it grows when it is full; doubling would leave half of it empty. */
const GROWTH = 1.25;
const FIRST_LEARNERS = 4;

/**
 * Sketches and counts of all learners in one growing array: an array each would weigh more than what is in it, and a
 * view of another array is gone when that grows. So whoever keeps something here remembers where, not a view.
 */
export class LearnerMemory {
	/** Replaced when it grows. */
	words: Uint32Array<ArrayBuffer>;
	/** The same memory. */
	bytes: Uint8Array<ArrayBuffer>;
	/** For the step at hand. */
	readonly scratch = 0;
	readonly #wordsEach: number;

	/** @param wordsEach 32-bit words that one learner needs */
	constructor(wordsEach: number) {
		this.#wordsEach = wordsEach;
		this.words = new Uint32Array(SKETCH_WORDS + FIRST_LEARNERS * wordsEach);
		this.bytes = new Uint8Array(this.words.buffer);
	}

	/** @returns the first of the words of learner number `slot`, all of which are 0 */
	clear(slot: number): number {
		const at = SKETCH_WORDS + slot * this.#wordsEach;
		const end = at + this.#wordsEach;
		if (end > this.words.length) {
			const grown = new Uint32Array(Math.max(end, Math.ceil(GROWTH * this.words.length)));
			grown.set(this.words);
			this.words = grown;
			this.bytes = new Uint8Array(grown.buffer);
		}
		this.words.fill(0, at, end);
		return at;
	}
}
