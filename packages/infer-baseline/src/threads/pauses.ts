import { insertSorted } from '../internal/insert-sorted';
import type { Judgement } from '../judgement';

/** Gaps remembered per thread: a request's worth of steps, so that its one idle gap stays the exception. */
const GAPS = 16;
/** Fewer gaps than this say nothing about what is typical. */
const MIN_GAPS = 4;
/** Below 50 ms a gap is scheduling, tokenising or batching, not idleness. */
const MIN_PAUSE_NS = 50e6;
/** A pause is out of all proportion to the gaps around it. */
const PAUSE_RATIO = 10;
/** In the middle of a run, a hiccup of the host ends sooner; a server without requests waits longer. */
const MIN_IDLE_IN_RUN_NS = 250e6;
/** A thread that paused this often in its last 16 gaps does so by habit: requests of few steps. */
const HABIT = 2;
/** So many pauses between runs show how this thread's runs begin. */
const KNOWN_RUNS = 4;

/**
 * Tells, from the gaps before a thread's steps, a process that had nothing to do from one that was held up.
 *
 * A gap is a pause when it is 50 ms and ten times the thread's median gap. One before other work than the step before
 * it had is idleness: a run of steps ended, and a new request came. One in the middle of a run is the host's delay:
 * requests were waiting for it. But a run without a prefill in sight (an embedding server, cached prompts, prefills in
 * another process) looks the same before and after idling. So a pause before the same work is idleness when it is
 * long, or habitual; and not even then, when this thread's runs as a rule begin with other work.
 *
 * These times are absolute, because what they tell apart is: how long people and networks take, whatever the GPU.
 */
export class PauseHistory {
	readonly #gaps: Float64Array;
	readonly #count: Uint32Array;
	/** Long pauses before other work and before the same work; halved together. */
	readonly #other: Uint8Array;
	readonly #same: Uint8Array;
	readonly #sorted = new Float64Array(GAPS);

	constructor(capacity: number) {
		this.#gaps = new Float64Array(capacity * GAPS);
		this.#count = new Uint32Array(capacity);
		this.#other = new Uint8Array(capacity);
		this.#same = new Uint8Array(capacity);
	}

	restart(slot: number): void {
		this.#count[slot] = 0;
		this.#other[slot] = 0;
		this.#same[slot] = 0;
	}

	/** Whether the process had nothing to do before this step. */
	isIdle(slot: number, step: Judgement): boolean {
		if (!this.#isPause(slot, step)) return false;
		if (!step.continuesRun) return true;
		if (step.gapNs < MIN_IDLE_IN_RUN_NS) return this.#isHabit(slot);
		const other = this.#other[slot] as number;
		return other < KNOWN_RUNS || 4 * (this.#same[slot] as number) >= other;
	}

	/** Remembers the gap before this step. */
	add(slot: number, step: Judgement): void {
		if (step.gapNs >= MIN_IDLE_IN_RUN_NS && this.#isPause(slot, step)) this.#countRun(slot, step.continuesRun);
		const count = this.#count[slot] as number;
		this.#gaps[slot * GAPS + (count % GAPS)] = step.gapNs;
		this.#count[slot] = count + 1;
	}

	#isPause(slot: number, { gapNs }: Judgement): boolean {
		if (gapNs < MIN_PAUSE_NS) return false;
		const known = Math.min(this.#count[slot] as number, GAPS);
		return known >= MIN_GAPS && gapNs >= PAUSE_RATIO * this.#median(slot, known);
	}

	#isHabit(slot: number): boolean {
		let pauses = 0;
		const known = Math.min(this.#count[slot] as number, GAPS);
		for (let i = 0; i < known; i++) if ((this.#gaps[slot * GAPS + i] as number) >= MIN_PAUSE_NS) pauses += 1;
		return pauses >= HABIT;
	}

	#countRun(slot: number, sameWork: boolean): void {
		const counts = sameWork ? this.#same : this.#other;
		const count = (counts[slot] as number) + 1;
		counts[slot] = count;
		if (count < 4 * KNOWN_RUNS) return;
		this.#same[slot] = (this.#same[slot] as number) >>> 1;
		this.#other[slot] = (this.#other[slot] as number) >>> 1;
	}

	/** The lower one of an even number. */
	#median(slot: number, known: number): number {
		for (let i = 0; i < known; i++) insertSorted(this.#sorted, 0, i, this.#gaps.subarray(slot * GAPS + i));
		return this.#sorted[(known - 1) >>> 1] as number;
	}
}
