/** Returned instead of a slot when there is none. */
export const NONE = -1;

/**
 * Hands out slots 0..capacity-1, finds them again by a 32-bit hash and gives the least recently used one away
 * when all are taken. The owner keeps keys and values in typed arrays of its own, indexed by slot, and compares
 * keys itself: two keys may share a hash.
 *
 * Hash chains and recency are linked lists through typed arrays, so every operation is O(1) and none allocates.
 * 24 bytes a slot at most.
 */
export class LruSlots {
	readonly capacity: number;
	readonly #heads: Int32Array;
	readonly #hashes: Int32Array;
	/** Next slot of the same bucket; for a free slot, the next free one. */
	readonly #chain: Int32Array;
	readonly #older: Int32Array;
	readonly #newer: Int32Array;
	#free = NONE;
	#untouched = 0;
	#oldest = NONE;
	#newest = NONE;
	#size = 0;
	#evictions = 0;

	constructor(capacity: number) {
		this.capacity = capacity;
		this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(capacity))).fill(NONE);
		this.#hashes = new Int32Array(capacity);
		this.#chain = new Int32Array(capacity);
		this.#older = new Int32Array(capacity);
		this.#newer = new Int32Array(capacity);
	}

	get size(): number {
		return this.#size;
	}

	/** Slots that {@link insert} took from a live key. */
	get evictions(): number {
		return this.#evictions;
	}

	/** First candidate with this hash, or NONE. */
	first(hash: number): number {
		return this.#skip(this.#heads[hash & (this.#heads.length - 1)] as number, hash);
	}

	/** Next candidate with the hash of `slot`, or NONE. */
	next(slot: number): number {
		return this.#skip(this.#chain[slot] as number, this.#hashes[slot] as number);
	}

	/** Makes `slot` the most recently used one. */
	touch(slot: number): void {
		if (slot === this.#newest) return;
		this.#unlink(slot);
		this.#append(slot);
	}

	/** A slot for a new key, as the most recently used one. Its old content is the owner's to overwrite. */
	insert(hash: number): number {
		if (this.#size === this.capacity) {
			this.remove(this.#oldest);
			this.#evictions += 1;
		}
		let slot = this.#free;
		if (slot === NONE) slot = this.#untouched++;
		else this.#free = this.#chain[slot] as number;
		const bucket = hash & (this.#heads.length - 1);
		this.#hashes[slot] = hash;
		this.#chain[slot] = this.#heads[bucket] as number;
		this.#heads[bucket] = slot;
		this.#append(slot);
		this.#size += 1;
		return slot;
	}

	remove(slot: number): void {
		const bucket = (this.#hashes[slot] as number) & (this.#heads.length - 1);
		const after = this.#chain[slot] as number;
		if (this.#heads[bucket] === slot) {
			this.#heads[bucket] = after;
		} else {
			let before = this.#heads[bucket] as number;
			while (this.#chain[before] !== slot) before = this.#chain[before] as number;
			this.#chain[before] = after;
		}
		this.#unlink(slot);
		this.#chain[slot] = this.#free;
		this.#free = slot;
		this.#size -= 1;
	}

	/** All live slots, least recently used first, as they are now: the caller may remove while it iterates. */
	slots(): number[] {
		const slots: number[] = [];
		for (let slot = this.#oldest; slot !== NONE; slot = this.#newer[slot] as number) slots.push(slot);
		return slots;
	}

	#skip(from: number, hash: number): number {
		let slot = from;
		while (slot !== NONE && this.#hashes[slot] !== hash) slot = this.#chain[slot] as number;
		return slot;
	}

	#append(slot: number): void {
		this.#older[slot] = this.#newest;
		this.#newer[slot] = NONE;
		if (this.#newest === NONE) this.#oldest = slot;
		else this.#newer[this.#newest] = slot;
		this.#newest = slot;
	}

	#unlink(slot: number): void {
		const older = this.#older[slot] as number;
		const newer = this.#newer[slot] as number;
		if (older === NONE) this.#oldest = newer;
		else this.#newer[older] = newer;
		if (newer === NONE) this.#newest = older;
		else this.#older[newer] = older;
	}
}
