/**
 * Puts records of several rings back into time order by holding each for a short while.
 *
 * Records are whole words with their time in the first two; they stay in one growing buffer and only an index is
 * sorted. Input that is in order already, the usual case, costs one comparison a record. Equal times keep the order in
 * which they came: a thread's own records never swap.
 */
export class ReorderWindow {
	readonly counters: { late: number; reordered: number } = { late: 0, reordered: 0 };
	readonly #windowNs: number;
	readonly #relative: (low: number, high: number) => number;
	readonly #release: (words: Uint32Array, at: number, tNs: number) => void;
	#words = new Uint32Array(1 << 16);
	#used = 0;
	#starts: number[] = [];
	#times: number[] = [];
	#head = 0;
	#releasedNs = Number.NEGATIVE_INFINITY;

	/**
	 * @param options.windowNs how long a record may be late and still find its place
	 * @param options.relative two words of absolute time → ns since the source's base
	 * @param options.release receives the records in order; the words are valid during the call
	 */
	constructor(options: {
		readonly windowNs: number;
		readonly relative: (low: number, high: number) => number;
		readonly release: (words: Uint32Array, at: number, tNs: number) => void;
	}) {
		this.#windowNs = options.windowNs;
		this.#relative = options.relative;
		this.#release = options.release;
	}

	get pending(): number {
		return this.#times.length - this.#head;
	}

	/** Takes a copy of the record. One that comes later than the window allows is released at once, and counted. */
	push(words: Uint32Array, at: number, wordCount: number): void {
		const tNs = this.#relative(words[at] as number, words[at + 1] as number);
		if (tNs < this.#releasedNs) {
			this.counters.late += 1;
			this.#release(words, at, tNs);
			return;
		}
		if (this.#used + wordCount > this.#words.length) this.#makeRoom(wordCount);
		this.#words.set(words.subarray(at, at + wordCount), this.#used);
		this.#insert(tNs, this.#used);
		this.#used += wordCount;
	}

	/** Releases what is older than `nowNs` minus the window; `Infinity` releases all. */
	advance(nowNs: number): void {
		const until = nowNs - this.#windowNs;
		while (this.#head < this.#times.length && (this.#times[this.#head] as number) <= until) {
			const tNs = this.#times[this.#head] as number;
			const start = this.#starts[this.#head] as number;
			this.#head += 1;
			this.#releasedNs = tNs;
			this.#release(this.#words, start, tNs);
		}
		if (this.#head === this.#times.length) {
			this.#head = 0;
			this.#used = 0;
			this.#starts.length = 0;
			this.#times.length = 0;
		}
	}

	#insert(tNs: number, start: number): void {
		let place = this.#times.length;
		while (place > this.#head && (this.#times[place - 1] as number) > tNs) place -= 1;
		if (place === this.#times.length) {
			this.#times.push(tNs);
			this.#starts.push(start);
			return;
		}
		this.counters.reordered += 1;
		this.#times.splice(place, 0, tNs);
		this.#starts.splice(place, 0, start);
	}

	/** Drops released records from the buffer, and grows it when that is not enough. */
	#makeRoom(wordCount: number): void {
		const live = this.#starts.slice(this.#head);
		const lowest = live.reduce((low, start) => Math.min(low, start), this.#used);
		const keptWords = this.#used - lowest;
		const size = Math.max(this.#words.length, 2 * (keptWords + wordCount));
		const moved = size > this.#words.length ? new Uint32Array(size) : this.#words;
		moved.set(this.#words.subarray(lowest, this.#used));
		this.#words = moved;
		this.#starts = live.map((start) => start - lowest);
		this.#times = this.#times.slice(this.#head);
		this.#head = 0;
		this.#used = keptWords;
	}
}
