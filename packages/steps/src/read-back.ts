import type { CompletedLedger } from './completed-ledger';
import { handleValue } from './handle';
import { Ledger } from './ledger';
import type { StreamHandle } from './ledger-sink';

/** What was enqueued on one stream. */
export interface LedgerPart {
	readonly stream: StreamHandle;
	readonly ledger: Ledger;
}

/** An event as it was last recorded. */
export interface RecordedEvent {
	readonly streamKey: number;
	readonly tid: number;
	/** The newest read-back of the process when the event was recorded. */
	readonly sequence: number;
}

/** A device-to-host copy, or several in a row, with everything enqueued up to it; it waits for its completion. */
export class ReadBack {
	readonly ledger: Ledger = new Ledger();
	/** Copies in the group. */
	copies = 1;
	/** Whose step it is: the thread that enqueued it, or the one that launched the work where a callback reads it. */
	owner: number;
	/** A host function was enqueued behind it: it reads the result. */
	isCalledBack = false;
	/** When its owner ran again since then, without having slept. */
	ownerRanNs: number | undefined;
	/** The first event recorded behind it: the one by which a program learns of its completion. */
	event: RecordedEvent | undefined;
	/** Launches by stream: which is the busiest shows only when nothing more can be merged in. */
	readonly #streams: { readonly stream: StreamHandle; work: number }[] = [];

	/**
	 * @param sequence its place among the read-backs of the process
	 * @param tid the thread that enqueued it
	 * @param stream where the copy was enqueued; undefined when the recording does not say
	 */
	constructor(
		readonly sequence: number,
		readonly tid: number,
		readonly stream: StreamHandle | undefined,
		public enqueuedNs: number,
		parts: readonly LedgerPart[],
	) {
		this.owner = tid;
		for (const { stream, ledger } of parts) {
			this.ledger.add(ledger);
			this.#countWork(stream, ledger.launches + ledger.graphLaunches);
		}
	}

	/** Adds copies without work of their own: they belong to the same group. */
	join(parts: readonly LedgerPart[], enqueuedNs: number): void {
		for (const { ledger } of parts) this.ledger.add(ledger);
		this.copies += 1;
		this.enqueuedNs = enqueuedNs;
	}

	/** Adds a later read-back that the same wait completed. */
	merge(later: ReadBack): void {
		this.ledger.add(later.ledger);
		this.enqueuedNs = later.enqueuedNs;
		for (const { stream, work } of later.#streams) this.#countWork(stream, work);
	}

	/** @param launchesAhead what its thread had enqueued for later read-backs by then */
	completed(pid: number, completedNs: number, launchesAhead: number): CompletedLedger {
		const { ledger } = this;
		const { busiest } = this;
		return {
			pid,
			tid: this.owner,
			streamHandle: handleValue(busiest.low, busiest.high),
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
			functionSketch: ledger.sketch,
			launchesAhead,
			lossy: ledger.lossy,
		};
	}

	#countWork(stream: StreamHandle, work: number): void {
		const known = this.#streams.find((other) => other.stream.key === stream.key);
		if (known === undefined) this.#streams.push({ stream, work });
		else known.work += work;
	}

	/** The stream with the most work; of equals the lowest handle. */
	get busiest(): StreamHandle {
		return this.#streams.reduce((best, other) =>
			other.work > best.work || (other.work === best.work && other.stream.key < best.stream.key) ? other : best,
		).stream;
	}
}
