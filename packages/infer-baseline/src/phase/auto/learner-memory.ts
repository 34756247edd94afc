import { SKETCH_WORDS } from './step-work';

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
	readonly #free: number[] = [];
	#used = SKETCH_WORDS;

	/** @param wordsEach 32-bit words that one learner needs */
	constructor(wordsEach: number) {
		this.#wordsEach = wordsEach;
		this.words = new Uint32Array(SKETCH_WORDS + FIRST_LEARNERS * wordsEach);
		this.bytes = new Uint8Array(this.words.buffer);
	}

	/** @returns the first of a learner's words, all of which are 0 */
	allocate(): number {
		const reused = this.#free.pop();
		if (reused !== undefined) return reused;
		const at = this.#used;
		this.#used += this.#wordsEach;
		if (this.#used > this.words.length) {
			const grown = new Uint32Array(2 * this.words.length);
			grown.set(this.words);
			this.words = grown;
			this.bytes = new Uint8Array(grown.buffer);
		}
		return at;
	}

	release(at: number): void {
		this.words.fill(0, at, at + this.#wordsEach);
		this.#free.push(at);
	}
}
