import { lowerMedian } from './baseline/median';
import { finish, mix } from './internal/hash';
import { LruSlots, NONE } from './internal/lru-slots';

/** Gaps remembered per thread: a request's worth of steps, so that its one idle gap stays the exception. */
const GAPS = 16;
/** Fewer gaps than this say nothing about what is typical. */
const MIN_GAPS = 4;
/** Below 50 ms a gap is scheduling, tokenising or batching, not idleness. */
const MIN_IDLE_GAP_NS = 50e6;
const IDLE_RATIO = 10;

/**
 * The last completion of every thread, and the pauses it usually makes between a completion and the next work.
 *
 * Typical gaps belong to the thread, not to a phase: at low load every prefill follows an idle gap, so its own
 * gaps would make idling look normal. The median of the last 16 is neither moved by the idle gaps themselves
 * nor slow to follow a loop that starts to pause between its steps.
 *
 * 180 bytes a thread at most; the least recently seen one is forgotten, and its next step is a first one.
 */
export class ThreadTable {
	readonly #slots: LruSlots;
	readonly #pid: Uint32Array;
	readonly #tid: Uint32Array;
	readonly #completedNs: Float64Array;
	readonly #gaps: Float64Array;
	readonly #gapCount: Uint32Array;

	constructor(capacity: number) {
		this.#slots = new LruSlots(capacity);
		this.#pid = new Uint32Array(capacity);
		this.#tid = new Uint32Array(capacity);
		this.#completedNs = new Float64Array(capacity);
		this.#gaps = new Float64Array(capacity * GAPS);
		this.#gapCount = new Uint32Array(capacity);
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
		while (slot !== NONE && !(this.#pid[slot] === pid && this.#tid[slot] === tid)) slot = this.#slots.next(slot);
		return slot;
	}

	create(pid: number, tid: number, completedNs: number): void {
		const slot = this.#slots.insert(hash(pid, tid));
		this.#pid[slot] = pid;
		this.#tid[slot] = tid;
		this.#completedNs[slot] = completedNs;
		this.#gapCount[slot] = 0;
	}

	completedNs(slot: number): number {
		return this.#completedNs[slot] as number;
	}

	/** @param completedNs not before the present anchor */
	moveAnchor(slot: number, completedNs: number): void {
		this.#completedNs[slot] = completedNs;
		this.#slots.touch(slot);
	}

	/** Is this pause far out of the ordinary for this thread? */
	isIdleGap(slot: number, gapNs: number): boolean {
		if (gapNs < MIN_IDLE_GAP_NS) return false;
		const known = Math.min(this.#gapCount[slot] as number, GAPS);
		if (known < MIN_GAPS) return false;
		return gapNs >= IDLE_RATIO * lowerMedian(this.#gaps.subarray(slot * GAPS, slot * GAPS + known));
	}

	addGap(slot: number, gapNs: number): void {
		const count = this.#gapCount[slot] as number;
		this.#gaps[slot * GAPS + (count % GAPS)] = gapNs;
		this.#gapCount[slot] = count + 1;
	}

	forgetProcess(pid: number): void {
		for (const slot of this.#slots.slots()) if (this.#pid[slot] === pid) this.#slots.remove(slot);
	}
}

function hash(pid: number, tid: number): number {
	return finish(mix(pid, tid));
}
