import { lengthened, NONE } from './slots';

const FIRST_CAPACITY = 32;
const LOW_WORD = 4_294_967_296;

/**
 * Hands out slots for addresses and finds them again. Buckets and chains are linked through typed arrays, which grow
 * by doubling up to `maxSize`; the owner keeps what belongs to an address in columns of its own, indexed by slot.
 *
 * Every operation is O(1), amortised. 12 bytes a slot, and 4 a bucket, of which there are at most twice as many as slots.
 */
export class PointerIndex {
	readonly #maxSize: number;
	#pointers: Float64Array;
	/** Next slot of the same bucket; for a free slot, the next free one. */
	#next: Int32Array;
	#heads: Int32Array;
	#shift: number;
	#free = NONE;
	#untouched = 0;
	#size = 0;

	constructor(maxSize: number) {
		this.#maxSize = maxSize;
		const capacity = Math.min(FIRST_CAPACITY, maxSize);
		this.#pointers = new Float64Array(capacity);
		this.#next = new Int32Array(capacity);
		[this.#heads, this.#shift] = buckets(capacity);
	}

	get size(): number {
		return this.#size;
	}

	/** Slots there is room for now: what the owner's columns must hold. */
	get capacity(): number {
		return this.#pointers.length;
	}

	get byteLength(): number {
		return this.#pointers.byteLength + this.#next.byteLength + this.#heads.byteLength;
	}

	/** The slot of an address, or NONE. */
	find(pointer: number): number {
		let slot = this.#heads[this.#bucket(pointer)] as number;
		while (slot !== NONE && this.#pointers[slot] !== pointer) slot = this.#next[slot] as number;
		return slot;
	}

	/** A slot for an address that has none, with `size` below `maxSize`. */
	insert(pointer: number): number {
		if (this.#free === NONE && this.#untouched === this.capacity) this.#grow();
		let slot = this.#free;
		if (slot === NONE) slot = this.#untouched++;
		else this.#free = this.#next[slot] as number;
		this.#pointers[slot] = pointer;
		this.#link(slot);
		this.#size += 1;
		return slot;
	}

	remove(slot: number): void {
		const bucket = this.#bucket(this.#pointers[slot] as number);
		const after = this.#next[slot] as number;
		let before = this.#heads[bucket] as number;
		if (before === slot) {
			this.#heads[bucket] = after;
		} else {
			while (this.#next[before] !== slot) before = this.#next[before] as number;
			this.#next[before] = after;
		}
		this.#next[slot] = this.#free;
		this.#free = slot;
		this.#size -= 1;
	}

	/** Fibonacci hashing: addresses are multiples of 2^8 and more, so their low bits say nothing. */
	#bucket(pointer: number): number {
		const word = (pointer | 0) ^ Math.imul(pointer / LOW_WORD, 0x85ebca6b);
		return Math.imul(word, 0x9e3779b1) >>> this.#shift;
	}

	#link(slot: number): void {
		const bucket = this.#bucket(this.#pointers[slot] as number);
		this.#next[slot] = this.#heads[bucket] as number;
		this.#heads[bucket] = slot;
	}

	/** Called only when every slot is taken, so each is to be linked anew. */
	#grow(): void {
		const taken = this.capacity;
		const capacity = Math.min(2 * taken, this.#maxSize);
		this.#pointers = lengthened(this.#pointers, capacity);
		this.#next = lengthened(this.#next, capacity);
		[this.#heads, this.#shift] = buckets(capacity);
		for (let slot = 0; slot < taken; slot++) this.#link(slot);
	}
}

/** Empty buckets, a power of two and two at least, and how far a 32-bit hash is shifted to number them. */
function buckets(capacity: number): [heads: Int32Array, shift: number] {
	const bits = Math.max(1, Math.ceil(Math.log2(capacity)));
	return [new Int32Array(2 ** bits).fill(NONE), 32 - bits];
}
