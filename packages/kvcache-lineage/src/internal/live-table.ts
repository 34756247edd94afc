import { AgeOrder } from './age-order';
import { PointerIndex } from './pointer-index';
import { lengthened, NONE } from './slots';

/**
 * The live allocations of one process, found by address and ordered by age; in typed arrays that grow with their number.
 * 38 bytes an allocation and 4 a bucket.
 */
export class LiveTable {
	readonly maxSize: number;
	readonly #index: PointerIndex;
	readonly #order: AgeOrder;
	#bytes: Float64Array;
	/** Place in ALLOCATION_KINDS. */
	#kinds: Uint8Array;

	/** @param kept the oldest allocations that are never evicted; less than `maxSize` */
	constructor(maxSize: number, kept: number) {
		this.maxSize = maxSize;
		this.#index = new PointerIndex(maxSize);
		const { capacity } = this.#index;
		this.#order = new AgeOrder(kept, capacity);
		this.#bytes = new Float64Array(capacity);
		this.#kinds = new Uint8Array(capacity);
	}

	get size(): number {
		return this.#index.size;
	}

	get byteLength(): number {
		return this.#index.byteLength + this.#order.byteLength + this.#bytes.byteLength + this.#kinds.byteLength;
	}

	/** The slot of an address, or NONE. */
	find(pointer: number): number {
		return this.#index.find(pointer);
	}

	/** Adds an address that is not there. @returns whether another allocation was evicted for it */
	add(pointer: number, bytes: number, kindCode: number, tNs: number): boolean {
		const evicts = this.size === this.maxSize;
		if (evicts) this.remove(this.#order.evictable);
		const slot = this.#index.insert(pointer);
		if (this.#bytes.length < this.#index.capacity) this.#lengthen(this.#index.capacity);
		this.#bytes[slot] = bytes;
		this.#kinds[slot] = kindCode;
		this.#order.insert(slot, tNs);
		return evicts;
	}

	remove(slot: number): void {
		this.#order.remove(slot);
		this.#index.remove(slot);
	}

	bytes(slot: number): number {
		return this.#bytes[slot] as number;
	}

	kindCode(slot: number): number {
		return this.#kinds[slot] as number;
	}

	tNs(slot: number): number {
		return this.#order.time(slot);
	}

	/** All slots, oldest allocation first, as long as nothing is added or removed. */
	*oldestFirst(): Generator<number, void, undefined> {
		for (let slot = this.#order.oldest; slot !== NONE; slot = this.#order.newerThan(slot)) yield slot;
	}

	#lengthen(capacity: number): void {
		this.#order.lengthen(capacity);
		this.#bytes = lengthened(this.#bytes, capacity);
		this.#kinds = lengthened(this.#kinds, capacity);
	}
}
