import type { CompletedLedger } from './completed-ledger';
import type { StepEvidence } from './evidence/step-evidence';
import { Ledger } from './ledger';
import type { StreamHandle } from './stream-handle';

/** An event as it was last recorded. */
export interface RecordedEvent {
	readonly streamKey: number;
	readonly tid: number;
	/** The newest read-back of the process when the event was recorded. */
	readonly sequence: number;
}

/**
 * A device-to-host copy, or several in a row, with everything enqueued up to it; it waits for its completion. There is one
 * a step, so it is used again when it is complete.
 */
export class ReadBack {
	readonly ledger: Ledger = new Ledger();
	/** Its place among the read-backs of the process. */
	sequence = 0;
	/** The thread that enqueued it. */
	tid = 0;
	/** Where the copy was enqueued; undefined when the recording does not say. */
	stream: StreamHandle | undefined;
	enqueuedNs = 0;
	/** Copies in the group. */
	copies = 0;
	/** Whose step it is: the thread that enqueued it, or the one that launched the work where a callback reads it. */
	owner = 0;
	/** A host function was enqueued behind it: it reads the result. */
	isCalledBack = false;
	/** When its owner ran again since then, without having slept. */
	ownerRanNs: number | undefined;
	/** The first event recorded behind it: the one by which a program learns of its completion. */
	event: RecordedEvent | undefined;
	/** Launches by stream: which is the busiest shows only when nothing more can be merged in. */
	readonly #streams: StreamHandle[] = [];
	readonly #work: number[] = [];
	/** How many of both are in use: an array that is emptied gives its memory back. */
	#streamCount = 0;

	/** Something was enqueued that takes the GPU's time. */
	get hasWork(): boolean {
		return this.ledger.hasWork;
	}

	/** Adds what was enqueued on one stream. */
	add(stream: StreamHandle, ledger: Ledger): void {
		this.ledger.add(ledger);
		this.#countWork(stream, ledger.launches + ledger.graphLaunches);
	}

	/** The copy is enqueued. */
	close(sequence: number, tid: number, stream: StreamHandle | undefined, enqueuedNs: number): void {
		this.sequence = sequence;
		this.tid = tid;
		this.owner = tid;
		this.stream = stream;
		this.enqueuedNs = enqueuedNs;
		this.copies = 1;
	}

	/** Adds a copy without work of its own: it belongs to the same group. */
	join(other: Ledger, enqueuedNs: number): void {
		this.ledger.add(other);
		this.copies += 1;
		this.enqueuedNs = enqueuedNs;
	}

	/** Adds a later read-back that the same wait completed. */
	merge(later: ReadBack): void {
		this.ledger.add(later.ledger);
		this.enqueuedNs = later.enqueuedNs;
		for (let i = 0; i < later.#streamCount; i++) {
			this.#countWork(later.#streams[i] as StreamHandle, later.#work[i] as number);
		}
	}

	/**
	 * @param launchesAhead what its thread had enqueued for later read-backs by then
	 * @param functionSketch the ledger's
	 * @param evidence where its time went, if that is known
	 */
	completed(
		pid: number,
		completedNs: number,
		launchesAhead: number,
		functionSketch: Uint32Array,
		evidence: StepEvidence | undefined,
	): CompletedLedger {
		const { ledger } = this;
		return {
			pid,
			tid: this.owner,
			streamHandle: this.busiest.value,
			firstWorkNs: ledger.firstWorkNs,
			enqueuedNs: this.enqueuedNs,
			completedNs,
			launches: ledger.launches,
			graphLaunches: ledger.graphLaunches,
			gridBlocks: ledger.gridBlocks,
			memcpyBytes: ledger.copyBytes,
			hostToDeviceBytes: ledger.hostToDeviceBytes,
			deviceToHostBytes: ledger.deviceToHostBytes,
			ncclCalls: ledger.collectives,
			allocs: ledger.allocs,
			allocBytes: ledger.allocBytes,
			frees: ledger.frees,
			kernelFingerprint: ledger.fingerprint,
			lastFunction: ledger.lastFunction,
			functionSketch,
			launchesAhead,
			launchesUnseen: ledger.launchesUnseen,
			lossy: ledger.lossy,
			evidence,
		};
	}

	/** The stream with the most work; of equals the lowest handle. */
	get busiest(): StreamHandle {
		let best = 0;
		for (let i = 1; i < this.#streamCount; i++) if (this.#isBusier(i, best)) best = i;
		return this.#streams[best] as StreamHandle;
	}

	/** Becomes one of which nothing is known yet. */
	clear(): void {
		this.ledger.clear();
		this.stream = undefined;
		this.isCalledBack = false;
		this.ownerRanNs = undefined;
		this.event = undefined;
		this.#streamCount = 0;
	}

	#countWork(stream: StreamHandle, work: number): void {
		for (let i = 0; i < this.#streamCount; i++) {
			if (this.#streams[i]?.key !== stream.key) continue;
			this.#work[i] = (this.#work[i] as number) + work;
			return;
		}
		this.#streams[this.#streamCount] = stream;
		this.#work[this.#streamCount] = work;
		this.#streamCount += 1;
	}

	#isBusier(one: number, other: number): boolean {
		const more = (this.#work[one] as number) - (this.#work[other] as number);
		return (
			more > 0 || (more === 0 && (this.#streams[one] as StreamHandle).key < (this.#streams[other] as StreamHandle).key)
		);
	}
}
