import { NONE } from '../internal/lru-slots';
import { ThreadSlots } from '../internal/thread-slots';
import type { StepLedger } from '../ledger';
import { PHASES, type StepPhase } from './phase';

/** Kinds of steps remembered of a thread. */
const ENTRIES = 16;
/** A phase is believed when it was seen this often more than others; a contradiction counts as several. */
const BELIEVED = 2;
const MOST = 15;
const CONTRADICTION = 4;

/**
 * What phase a step has whose launches were not watched: that of the thread's watched steps that copied as much in
 * either direction and replayed graphs, or did not. 100 bytes a thread.
 */
export class HeldPhases {
	readonly #slots: ThreadSlots;
	readonly #kinds: Uint16Array;
	readonly #phases: Uint8Array;
	readonly #belief: Int8Array;

	constructor(capacity: number) {
		this.#slots = new ThreadSlots(capacity);
		this.#kinds = new Uint16Array(capacity * ENTRIES);
		this.#phases = new Uint8Array(capacity * ENTRIES);
		this.#belief = new Int8Array(capacity * ENTRIES);
	}

	/** A watched step of this phase. */
	remember(ledger: StepLedger, phase: StepPhase): void {
		const index = PHASES.indexOf(phase as (typeof PHASES)[number]);
		if (index < 0) return;
		const kind = kindOf(ledger);
		const at = this.#entry(this.#slotOf(ledger), kind);
		const belief = this.#belief[at] as number;
		if (this.#kinds[at] === kind && this.#phases[at] === index) {
			this.#belief[at] = Math.min(MOST, belief + 1);
		} else if (belief >= CONTRADICTION) {
			this.#belief[at] = belief - CONTRADICTION;
		} else {
			this.#kinds[at] = kind;
			this.#phases[at] = index;
			this.#belief[at] = 1;
		}
	}

	/** Of a step that was not watched. */
	phaseOf(ledger: StepLedger): StepPhase {
		const slot = this.#slots.find(ledger.pid, ledger.tid);
		if (slot === NONE) return 'unknown';
		const kind = kindOf(ledger);
		const at = this.#entry(slot, kind);
		if (this.#kinds[at] !== kind || (this.#belief[at] as number) < BELIEVED) return 'unknown';
		return PHASES[this.#phases[at] as number] as StepPhase;
	}

	forgetProcess(pid: number): void {
		this.#slots.forgetProcess(pid);
	}

	#slotOf({ pid, tid }: StepLedger): number {
		const known = this.#slots.find(pid, tid);
		if (known !== NONE) {
			this.#slots.touch(known);
			return known;
		}
		const slot = this.#slots.create(pid, tid);
		this.#belief.fill(0, slot * ENTRIES, (slot + 1) * ENTRIES);
		return slot;
	}

	#entry(slot: number, kind: number): number {
		return slot * ENTRIES + (Math.imul(kind, 0x9e37_79b1) >>> 28);
	}
}

/** Graphs or none, and the powers of two of what was copied to and from the device. */
function kindOf(ledger: StepLedger): number {
	return (
		(powerOfTwo(ledger.hostToDeviceBytes) << 7) |
		(powerOfTwo(ledger.deviceToHostBytes) << 1) |
		(ledger.graphLaunches > 0 ? 1 : 0)
	);
}

function powerOfTwo(bytes: number): number {
	return bytes >= 2 ** 31 ? 32 : 32 - Math.clz32(bytes);
}
