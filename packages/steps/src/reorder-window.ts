import type { SourceClock } from './clock';

/** Room at first, in words and in records; both grow as needed. */
const WORDS = 1 << 16;
const RECORDS = 1 << 12;

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
	readonly #clock: SourceClock;
	readonly #release: (words: Uint32Array, at: number, tNs: number) => void;
	/** Records in the order in which they came. */
	#words: Uint32Array = new Uint32Array(WORDS);
	#usedWords = 0;
	/** The index, by time: when and where the records from #head up to #tail are. */
	#times: Float64Array = new Float64Array(RECORDS);
	#starts: Uint32Array = new Uint32Array(RECORDS);
	#head = 0;
	#tail = 0;
	#releasedNs = Number.NEGATIVE_INFINITY;

	/**
	 * @param options.windowNs how long a record may be late and still find its place
	 * @param options.clock of the records' times
	 * @param options.release receives the records in order; the words are valid during the call
	 */
	constructor(options: {
		readonly windowNs: number;
		readonly clock: SourceClock;
		readonly release: (words: Uint32Array, at: number, tNs: number) => void;
	}) {
		this.#windowNs = options.windowNs;
		this.#clock = options.clock;
		this.#release = options.release;
	}

	/** Records held. */
	get pending(): number {
		return this.#tail - this.#head;
	}

	/**
	 * Takes a copy of the record. One that comes later than the window allows is released at once, and counted.
	 *
	 * @returns the record's time in ns since the source's base
	 */
	push(words: Uint32Array, at: number, wordCount: number): number {
		const tNs = this.#clock.relative(words[at] as number, words[at + 1] as number);
		if (tNs < this.#releasedNs) {
			this.#releaseLate(words, at, tNs);
			return tNs;
		}
		this.#makeRoomFor(wordCount);
		const held = this.#words;
		const start = this.#usedWords;
		// Word by word: for so few faster than set() with a subarray().
		for (let i = 0; i < wordCount; i++) held[start + i] = words[at + i] as number;
		this.#usedWords = start + wordCount;
		this.#insert(tNs, start);
		return tNs;
	}

	/**
	 * Takes a copy of `wordCount` words full of records, one right after the other.
	 *
	 * @param wordsOf length of the record at `at`, in words
	 */
	pushAll(words: Uint32Array, wordCount: number, wordsOf: (words: Uint32Array, at: number) => number): void {
		this.#makeRoomFor(wordCount);
		const start = this.#usedWords;
		this.#words.set(words.subarray(0, wordCount), start);
		this.#usedWords = start + wordCount;
		for (let at = 0; at < wordCount; at += wordsOf(words, at)) {
			const tNs = this.#clock.relative(words[at] as number, words[at + 1] as number);
			if (tNs < this.#releasedNs) this.#releaseLate(words, at, tNs);
			else this.#insert(tNs, start + at);
		}
	}

	/** Releases what is older than `nowNs` minus the window; `Infinity` releases all. */
	advance(nowNs: number): void {
		const until = nowNs - this.#windowNs;
		while (this.#head < this.#tail) {
			const tNs = this.#times[this.#head] as number;
			if (tNs > until) return;
			const start = this.#starts[this.#head] as number;
			this.#head += 1;
			this.#releasedNs = tNs;
			this.#release(this.#words, start, tNs);
		}
		this.#head = 0;
		this.#tail = 0;
		this.#usedWords = 0;
	}

	#releaseLate(words: Uint32Array, at: number, tNs: number): void {
		this.counters.late += 1;
		this.#release(words, at, tNs);
	}

	#insert(tNs: number, start: number): void {
		if (this.#tail === this.#times.length) this.#makeRoomInIndex();
		const times = this.#times;
		const tail = this.#tail;
		let place = tail;
		while (place > this.#head && (times[place - 1] as number) > tNs) place -= 1;
		if (place < tail) {
			this.counters.reordered += 1;
			times.copyWithin(place + 1, place, tail);
			this.#starts.copyWithin(place + 1, place, tail);
		}
		times[place] = tNs;
		this.#starts[place] = start;
		this.#tail = tail + 1;
	}

	/** Drops released records from the buffer, and grows it where what stays and what comes fill more than half of it. */
	#makeRoomFor(wordCount: number): void {
		if (this.#usedWords + wordCount <= this.#words.length) return;
		const live = this.#starts.subarray(this.#head, this.#tail);
		const lowest = live.reduce((least, start) => Math.min(least, start), this.#usedWords);
		for (let i = 0; i < live.length; i++) live[i] = (live[i] as number) - lowest;
		const words = this.#words.subarray(lowest, this.#usedWords);
		this.#words = movedToFront(words, this.#words, words.length + wordCount);
		this.#usedWords = words.length;
	}

	/** The same for the index. */
	#makeRoomInIndex(): void {
		const count = this.#tail - this.#head;
		this.#starts = movedToFront(this.#starts.subarray(this.#head, this.#tail), this.#starts, count + 1);
		this.#times = movedToFront(this.#times.subarray(this.#head, this.#tail), this.#times, count + 1);
		this.#head = 0;
		this.#tail = count;
	}
}

/** Moves a part of `whole` to its front, or to that of a longer array when `needed` is more than half of it. */
function movedToFront<T extends Uint32Array | Float64Array>(part: T, whole: T, needed: number): T {
	const target = 2 * needed > whole.length ? new (whole.constructor as new (length: number) => T)(2 * needed) : whole;
	target.set(part);
	return target;
}
