import { NONE } from '../internal/lru-slots';
import { ThreadSlots } from '../internal/thread-slots';
import type { Judgement } from '../judgement';
import { PHASES } from '../phase/phase';
import { isNearWork } from '../work/work-size';
import { PauseHistory } from './pauses';

const PREFILL: number = PHASES.indexOf('prefill');
const MIXED: number = PHASES.indexOf('mixed');

/**
 * What is known of every thread that steps: when its last step completed, what that was, and how it pauses.
 *
 * 200 bytes a thread at most; the least recently seen one is forgotten, and its next step is a first one.
 */
export class ThreadTable {
	readonly pauses: PauseHistory;
	readonly #slots: ThreadSlots;
	readonly #completedNs: Float64Array;
	readonly #phase: Uint8Array;
	readonly #workSize: Uint32Array;
	readonly #workload: Int32Array;
	readonly #kind: Int32Array;

	constructor(capacity: number) {
		this.pauses = new PauseHistory(capacity);
		this.#slots = new ThreadSlots(capacity);
		this.#completedNs = new Float64Array(capacity);
		this.#phase = new Uint8Array(capacity);
		this.#workSize = new Uint32Array(capacity);
		this.#workload = new Int32Array(capacity);
		this.#kind = new Int32Array(capacity);
	}

	get size(): number {
		return this.#slots.size;
	}

	get evictions(): number {
		return this.#slots.evictions;
	}

	/** The thread's slot, or NONE. */
	find(pid: number, tid: number): number {
		return this.#slots.find(pid, tid);
	}

	create(pid: number, tid: number, completedNs: number): number {
		const slot = this.#slots.create(pid, tid);
		this.#completedNs[slot] = completedNs;
		this.#workSize[slot] = 0;
		this.#workload[slot] = NONE;
		this.#kind[slot] = NONE;
		this.pauses.restart(slot);
		return slot;
	}

	completedNs(slot: number): number {
		return this.#completedNs[slot] as number;
	}

	/** @param completedNs not before the present anchor */
	moveAnchor(slot: number, completedNs: number): void {
		this.#completedNs[slot] = completedNs;
		this.#slots.touch(slot);
	}

	/**
	 * Whether a step belongs to the run of the thread's last one: it did about the same work, or it is the first decode
	 * after a prefill.
	 */
	continuesRun(slot: number, step: Judgement): boolean {
		const last = this.#phase[slot] as number;
		if (step.phase === 'decode' && (last === PREFILL || last === MIXED)) return true;
		return PHASES[last] === step.phase && isNearWork(this.#workSize[slot] as number, step.workSize);
	}

	/** Tells a step where the thread's last one was found: the same place, as a rule. */
	hint(slot: number, step: Judgement): void {
		step.workload = this.#workload[slot] as number;
		step.kind = this.#kind[slot] as number;
	}

	/** Remembers what the thread's last step was. */
	remember(slot: number, step: Judgement): void {
		this.#phase[slot] = PHASES.indexOf(step.phase);
		this.#workSize[slot] = step.workSize;
		this.#workload[slot] = step.workload;
		this.#kind[slot] = step.kind;
	}

	forgetProcess(pid: number): void {
		this.#slots.forgetProcess(pid);
	}
}
