/** Times after which those long ago begin to count less. */
const MEMORY = 1024;

/** What a thread does at most of its chances, as far as is known. */
export class Habit {
	#chances = 0;
	#times = 0;

	/** It had a chance. */
	chance(): void {
		this.#chances += 1;
		if (this.#chances < MEMORY) return;
		this.#chances /= 2;
		this.#times /= 2;
	}

	/** It took it. */
	taken(): void {
		this.#times += 1;
	}

	get isUsual(): boolean {
		return 2 * this.#times > this.#chances;
	}
}
