import { finish, mix, mixString } from '../internal/hash';
import { LruSlots, NONE } from '../internal/lru-slots';
import { WordSplitter } from '../internal/words';
import type { StepLedger } from '../ledger';
import { PHASES, type StepPhase } from '../phase/phase';
import type { WorkloadKey } from './workload';

/**
 * The keys of at most `capacity` workloads and their slots, by recency: a new one takes the slot of the least recently
 * updated. Columns of typed arrays: no string is built and nothing is allocated to find a known workload. 61 bytes a key.
 */
export class WorkloadKeys {
	readonly #slots: LruSlots;
	readonly #fingerprintKey: boolean;
	readonly #pid: Uint32Array;
	readonly #stream: BigUint64Array;
	readonly #streamWords: Uint32Array;
	readonly #fingerprint: BigUint64Array;
	readonly #fingerprintWords: Uint32Array;
	readonly #phase: Uint8Array;
	readonly #cgroup: string[] = [];
	readonly #streamSplit = new WordSplitter();
	readonly #fingerprintSplit = new WordSplitter();

	constructor(capacity: number, fingerprintKey: boolean) {
		this.#slots = new LruSlots(capacity);
		this.#fingerprintKey = fingerprintKey;
		this.#pid = new Uint32Array(capacity);
		this.#stream = new BigUint64Array(capacity);
		this.#streamWords = new Uint32Array(this.#stream.buffer);
		this.#fingerprint = new BigUint64Array(capacity);
		this.#fingerprintWords = new Uint32Array(this.#fingerprint.buffer);
		this.#phase = new Uint8Array(capacity);
	}

	get size(): number {
		return this.#slots.size;
	}

	get evictions(): number {
		return this.#slots.evictions;
	}

	/** The workload's slot, or NONE. Does not count as an update. @param hint a live slot to try first, or NONE */
	find(ledger: StepLedger, phase: StepPhase, hint: number): number {
		const phaseIndex = PHASES.indexOf(phase);
		this.#streamSplit.load(ledger.streamHandle);
		if (this.#fingerprintKey) this.#fingerprintSplit.load(ledger.kernelFingerprint);
		if (hint !== NONE && this.#matches(hint, ledger, phaseIndex)) return hint;
		let slot = this.#slots.first(this.#hash(ledger, phaseIndex));
		while (slot !== NONE && !this.#matches(slot, ledger, phaseIndex)) slot = this.#slots.next(slot);
		return slot;
	}

	/** A slot for the key that {@link find} has just not found. */
	insert(ledger: StepLedger, phase: StepPhase): number {
		const phaseIndex = PHASES.indexOf(phase);
		const slot = this.#slots.insert(this.#hash(ledger, phaseIndex));
		this.#pid[slot] = ledger.pid;
		this.#stream[slot] = ledger.streamHandle;
		this.#fingerprint[slot] = this.#fingerprintKey ? ledger.kernelFingerprint : 0n;
		this.#phase[slot] = phaseIndex;
		this.#cgroup[slot] = ledger.cgroupPathHash;
		return slot;
	}

	touch(slot: number): void {
		this.#slots.touch(slot);
	}

	remove(slot: number): void {
		this.#slots.remove(slot);
	}

	/** Live slots, the least recently updated first; a copy. */
	slots(): number[] {
		return this.#slots.slots();
	}

	pid(slot: number): number {
		return this.#pid[slot] as number;
	}

	key(slot: number): WorkloadKey {
		return {
			cgroupPathHash: this.#cgroup[slot] as string,
			pid: this.#pid[slot] as number,
			streamHandle: this.#stream[slot] as bigint,
			phase: PHASES[this.#phase[slot] as number] as StepPhase,
			kernelFingerprint: this.#fingerprint[slot] as bigint,
		};
	}

	/** Relies, as {@link #matches}, on the words that {@link find} has split. */
	#hash(ledger: StepLedger, phaseIndex: number): number {
		let hash = mix(mixString(phaseIndex, ledger.cgroupPathHash), ledger.pid);
		hash = mix(mix(hash, this.#streamSplit.first), this.#streamSplit.second);
		if (this.#fingerprintKey) {
			hash = mix(mix(hash, this.#fingerprintSplit.first), this.#fingerprintSplit.second);
		}
		return finish(hash);
	}

	#matches(slot: number, ledger: StepLedger, phaseIndex: number): boolean {
		return (
			this.#pid[slot] === ledger.pid &&
			this.#phase[slot] === phaseIndex &&
			this.#streamWords[2 * slot] === this.#streamSplit.first &&
			this.#streamWords[2 * slot + 1] === this.#streamSplit.second &&
			(!this.#fingerprintKey ||
				(this.#fingerprintWords[2 * slot] === this.#fingerprintSplit.first &&
					this.#fingerprintWords[2 * slot + 1] === this.#fingerprintSplit.second)) &&
			this.#cgroup[slot] === ledger.cgroupPathHash
		);
	}
}
