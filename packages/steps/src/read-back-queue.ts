import type { CompletedLedger } from './completed-ledger';
import { handleValue } from './handle';
import { Ledger } from './ledger';
import type { LedgerSink, StreamHandle } from './ledger-sink';

/** Read-backs of one process that nobody waited for are dropped beyond this number, oldest first. */
const MAX_PENDING = 256;
/** Recorded events remembered per process; older ones fall back to first in, first out. */
const MAX_EVENTS = 4096;

interface ReadBack {
	readonly sequence: number;
	readonly tid: number;
	/** Where the copy was enqueued; undefined when the recording does not say. */
	readonly stream: StreamHandle | undefined;
	enqueuedNs: number;
	readonly ledger: Ledger;
	busiest: StreamHandle;
	busiestWork: number;
}

interface RecordedEvent {
	readonly streamKey: number;
	readonly tid: number;
	/** The newest read-back of the process when the event was recorded. */
	readonly sequence: number;
}

interface ProcessState {
	pending: ReadBack[];
	/** Ledger parts shipped for the read-back a thread is about to enqueue. */
	readonly parts: Map<number, { stream: StreamHandle; ledger: Ledger }[]>;
	readonly events: Map<number, RecordedEvent>;
	sequence: number;
}

/** What the queue saw and could not use. */
export interface ReadBackCounters {
	completed: number;
	/** Read-backs with no work behind them that joined the one before: a group of copies. */
	joined: number;
	/** Read-backs with no work behind them and none to join: no step. */
	withoutWork: number;
	/** Read-backs that nobody waited for. */
	abandoned: number;
}

/**
 * Pairs read-backs with the waits that complete them.
 *
 * A ledger closes when its read-back is enqueued and then waits here, because an engine that schedules ahead has the
 * next step enqueued before it waits for this one. A wait completes what it covers: an event everything enqueued
 * before it on its stream, a stream or context wait everything there; an event whose record was not seen completes
 * the oldest. Read-backs completed by one wait are one step.
 */
export class ReadBackQueue implements LedgerSink {
	readonly counters: ReadBackCounters = { completed: 0, joined: 0, withoutWork: 0, abandoned: 0 };
	readonly #processes = new Map<number, ProcessState>();
	readonly #onCompleted: (ledger: CompletedLedger) => void;
	readonly #onProcessExited: (pid: number) => void;
	readonly #seesEveryEventRecord: boolean;

	/**
	 * @param options.seesEveryEventRecord false for a source that probes only some of the functions that record events:
	 * an event's last seen record may then be stale, and a wait for it counts as one for the oldest read-back
	 */
	constructor(options: {
		readonly seesEveryEventRecord: boolean;
		readonly onCompleted: (ledger: CompletedLedger) => void;
		readonly onProcessExited?: ((pid: number) => void) | undefined;
	}) {
		this.#seesEveryEventRecord = options.seesEveryEventRecord;
		this.#onCompleted = options.onCompleted;
		this.#onProcessExited = options.onProcessExited ?? (() => {});
	}

	ledgerPart(pid: number, tid: number, stream: StreamHandle, ledger: Ledger): void {
		const { parts } = this.#process(pid);
		const own = parts.get(tid);
		if (own === undefined) parts.set(tid, [{ stream, ledger }]);
		else own.push({ stream, ledger });
	}

	readBack(pid: number, tid: number, tNs: number, stream: StreamHandle | undefined): void {
		const process = this.#process(pid);
		const parts = process.parts.get(tid) ?? [];
		process.parts.delete(tid);
		const hasWork = parts.some((part) => part.ledger.hasWork);
		const previous = process.pending.findLast((entry) => entry.tid === tid);
		if (!hasWork && previous !== undefined) {
			for (const part of parts) previous.ledger.add(part.ledger);
			previous.enqueuedNs = tNs;
			this.counters.joined += 1;
			return;
		}
		if (!hasWork) {
			this.counters.withoutWork += 1;
			return;
		}
		process.sequence += 1;
		process.pending.push(makeReadBack(process.sequence, tid, tNs, stream, parts));
		if (process.pending.length > MAX_PENDING) {
			process.pending.shift();
			this.counters.abandoned += 1;
		}
	}

	eventRecorded(pid: number, tid: number, eventKey: number, stream: StreamHandle): void {
		const process = this.#process(pid);
		process.events.delete(eventKey);
		process.events.set(eventKey, { streamKey: stream.key, tid, sequence: process.sequence });
		if (process.events.size > MAX_EVENTS) process.events.delete(process.events.keys().next().value as number);
	}

	streamReached(pid: number, tid: number, tNs: number, stream: StreamHandle): void {
		this.#complete(pid, tNs, (entry) =>
			entry.stream === undefined ? entry.tid === tid : entry.stream.key === stream.key,
		);
	}

	contextReached(pid: number, _tid: number, tNs: number): void {
		this.#complete(pid, tNs, () => true);
	}

	eventReached(pid: number, tid: number, tNs: number, eventKey: number): void {
		const process = this.#processes.get(pid);
		if (process === undefined || process.pending.length === 0) return;
		const recorded = process.events.get(eventKey);
		if (recorded !== undefined && (this.#seesEveryEventRecord || recorded.sequence >= oldestSequence(process))) {
			this.#complete(
				pid,
				tNs,
				(entry) =>
					entry.sequence <= recorded.sequence &&
					(entry.stream === undefined ? entry.tid === recorded.tid : entry.stream.key === recorded.streamKey),
			);
			return;
		}
		const oldest = process.pending.find((entry) => entry.tid === tid) ?? process.pending[0];
		this.#complete(pid, tNs, (entry) => entry === oldest);
	}

	processExited(pid: number): void {
		this.#processes.delete(pid);
		this.#onProcessExited(pid);
	}

	/** Completes what `covers` says, one step per enqueuing thread. */
	#complete(pid: number, tNs: number, covers: (entry: ReadBack) => boolean): void {
		const process = this.#processes.get(pid);
		if (process === undefined || process.pending.length === 0) return;
		const kept: ReadBack[] = [];
		const done: ReadBack[] = [];
		for (const entry of process.pending) {
			if (!covers(entry)) {
				kept.push(entry);
				continue;
			}
			const earlier = done.find((other) => other.tid === entry.tid);
			if (earlier === undefined) done.push(entry);
			else mergeInto(earlier, entry);
		}
		if (done.length === 0) return;
		process.pending = kept;
		for (const entry of done) {
			this.counters.completed += 1;
			this.#onCompleted(asCompleted(pid, entry, tNs));
		}
	}

	#process(pid: number): ProcessState {
		let process = this.#processes.get(pid);
		if (process === undefined) {
			process = { pending: [], parts: new Map(), events: new Map(), sequence: 0 };
			this.#processes.set(pid, process);
		}
		return process;
	}
}

function oldestSequence(process: ProcessState): number {
	return process.pending[0]?.sequence ?? Number.POSITIVE_INFINITY;
}

function makeReadBack(
	sequence: number,
	tid: number,
	enqueuedNs: number,
	stream: StreamHandle | undefined,
	parts: readonly { stream: StreamHandle; ledger: Ledger }[],
): ReadBack {
	const ledger = new Ledger();
	let busiest = parts[0]?.stream as StreamHandle;
	let busiestWork = -1;
	for (const part of parts) {
		ledger.add(part.ledger);
		const work = part.ledger.launches + part.ledger.graphLaunches;
		if (work > busiestWork || (work === busiestWork && part.stream.key < busiest.key)) {
			busiest = part.stream;
			busiestWork = work;
		}
	}
	return { sequence, tid, stream, enqueuedNs, ledger, busiest, busiestWork };
}

function mergeInto(earlier: ReadBack, later: ReadBack): void {
	earlier.ledger.add(later.ledger);
	earlier.enqueuedNs = later.enqueuedNs;
	if (
		later.busiestWork > earlier.busiestWork ||
		(later.busiestWork === earlier.busiestWork && later.busiest.key < earlier.busiest.key)
	) {
		earlier.busiest = later.busiest;
		earlier.busiestWork = later.busiestWork;
	}
}

function asCompleted(pid: number, entry: ReadBack, completedNs: number): CompletedLedger {
	const { ledger } = entry;
	return {
		pid,
		tid: entry.tid,
		streamHandle: handleValue(entry.busiest.low, entry.busiest.high),
		firstWorkNs: ledger.firstWorkNs,
		enqueuedNs: entry.enqueuedNs,
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
		functionSketch: ledger.sketch,
		lossy: ledger.lossy,
	};
}
