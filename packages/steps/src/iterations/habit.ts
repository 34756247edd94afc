/** Times in a row before it is believed; it survives one exception, not two. */
const BELIEVED = 3;
const MOST_BELIEF = 5;
const DOUBT = 2;

/** How sure it is that something always happens. */
export class Habit {
	#belief = 0;
	#hasFailed = false;

	/** It did not happen lately: another time that it does not changes nothing. */
	get isRuledOut(): boolean {
		return this.#hasFailed && this.#belief === 0;
	}

	/** It never did not happen. */
	get isUnrefuted(): boolean {
		return !this.#hasFailed;
	}

	get isBelieved(): boolean {
		return this.#belief >= BELIEVED;
	}

	seen(happened: boolean): void {
		this.#hasFailed ||= !happened;
		this.#belief = happened ? Math.min(this.#belief + 1, MOST_BELIEF) : Math.max(this.#belief - DOUBT, 0);
	}
}
