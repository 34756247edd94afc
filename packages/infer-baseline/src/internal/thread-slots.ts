import { finish, mix } from './hash';
import { LruSlots, NONE } from './lru-slots';

/** Slots of threads, found by pid and tid; the least recently touched one is given away when all are taken. 32 bytes a slot. */
export class ThreadSlots {
	readonly #slots: LruSlots;
	readonly #pid: Uint32Array;
	readonly #tid: Uint32Array;

	constructor(capacity: number) {
		this.#slots = new LruSlots(capacity);
		this.#pid = new Uint32Array(capacity);
		this.#tid = new Uint32Array(capacity);
	}

	get size(): number {
		return this.#slots.size;
	}

	get evictions(): number {
		return this.#slots.evictions;
	}

	/** The thread's slot, or NONE. */
	find(pid: number, tid: number): number {
		let slot = this.#slots.first(hash(pid, tid));
		while (slot !== NONE && !this.isOf(slot, pid, tid)) slot = this.#slots.next(slot);
		return slot;
	}

	isOf(slot: number, pid: number, tid: number): boolean {
		return this.#pid[slot] === pid && this.#tid[slot] === tid;
	}

	/** A slot for a thread that has none, as the most recently touched one. Its old content is the owner's to overwrite. */
	create(pid: number, tid: number): number {
		const slot = this.#slots.insert(hash(pid, tid));
		this.#pid[slot] = pid;
		this.#tid[slot] = tid;
		return slot;
	}

	touch(slot: number): void {
		this.#slots.touch(slot);
	}

	forgetProcess(pid: number): void {
		for (const slot of this.#slots.slots()) if (this.#pid[slot] === pid) this.#slots.remove(slot);
	}
}

function hash(pid: number, tid: number): number {
	return finish(mix(pid, tid));
}
