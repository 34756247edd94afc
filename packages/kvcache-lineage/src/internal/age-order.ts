import { lengthened, NONE } from './slots';

/**
 * Slots in order of a time, oldest first, of equal ones the first inserted; knows the oldest one that may be evicted, since
 * the `kept` oldest may not.
 *
 * Removing is O(1), and so is inserting in order; a slot that is late by n others costs n steps. 17 bytes a slot.
 */
export class AgeOrder {
	readonly #kept: number;
	#times: Float64Array;
	#older: Int32Array;
	#newer: Int32Array;
	/** 1 for the `kept` oldest. */
	#exempt: Uint8Array;
	#oldest = NONE;
	#newest = NONE;
	#evictable = NONE;
	#size = 0;

	constructor(kept: number, capacity: number) {
		this.#kept = kept;
		this.#times = new Float64Array(capacity);
		this.#older = new Int32Array(capacity);
		this.#newer = new Int32Array(capacity);
		this.#exempt = new Uint8Array(capacity);
	}

	get oldest(): number {
		return this.#oldest;
	}

	get newest(): number {
		return this.#newest;
	}

	/** The oldest slot but for the kept ones, or NONE. */
	get evictable(): number {
		return this.#evictable;
	}

	get byteLength(): number {
		return this.#times.byteLength + this.#older.byteLength + this.#newer.byteLength + this.#exempt.byteLength;
	}

	time(slot: number): number {
		return this.#times[slot] as number;
	}

	/** The next newer slot, or NONE. */
	newerThan(slot: number): number {
		return this.#newer[slot] as number;
	}

	lengthen(capacity: number): void {
		this.#times = lengthened(this.#times, capacity);
		this.#older = lengthened(this.#older, capacity);
		this.#newer = lengthened(this.#newer, capacity);
		this.#exempt = lengthened(this.#exempt, capacity);
	}

	insert(slot: number, time: number): void {
		this.#times[slot] = time;
		let older = this.#newest;
		while (older !== NONE && (this.#times[older] as number) > time) older = this.#older[older] as number;
		const newer = older === NONE ? this.#oldest : (this.#newer[older] as number);
		this.#link(slot, older, newer);
		this.#exempt[slot] = 0;
		if (this.#size < this.#kept) {
			this.#exempt[slot] = 1;
		} else if (newer === this.#evictable && (older === NONE || this.#exempt[older] === 1)) {
			this.#evictable = slot;
		} else if (older === NONE || this.#exempt[older] === 1) {
			// It is among the kept ones and pushes the newest of them out.
			const pushed = this.#evictable === NONE ? this.#newest : (this.#older[this.#evictable] as number);
			this.#exempt[slot] = 1;
			this.#exempt[pushed] = 0;
			this.#evictable = pushed;
		}
		this.#size += 1;
	}

	remove(slot: number): void {
		const evictable = this.#evictable;
		if (evictable !== NONE && (slot === evictable || this.#exempt[slot] === 1)) {
			if (slot !== evictable) this.#exempt[evictable] = 1;
			this.#evictable = this.#newer[evictable] as number;
		}
		const older = this.#older[slot] as number;
		const newer = this.#newer[slot] as number;
		if (older === NONE) this.#oldest = newer;
		else this.#newer[older] = newer;
		if (newer === NONE) this.#newest = older;
		else this.#older[newer] = older;
		this.#size -= 1;
	}

	#link(slot: number, older: number, newer: number): void {
		this.#older[slot] = older;
		this.#newer[slot] = newer;
		if (older === NONE) this.#oldest = slot;
		else this.#newer[older] = slot;
		if (newer === NONE) this.#newest = slot;
		else this.#older[newer] = slot;
	}
}
