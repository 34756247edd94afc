import type { CompletedLedger } from './completed-ledger';
import type { Ledger } from './ledger';
import type { LedgerSink, StreamHandle } from './ledger-sink';
import { type LedgerPart, ReadBack } from './read-back';
import { RecentMap } from './recent-map';

/** Read-backs of one process that nobody waited for are dropped beyond this number, oldest first. */
const MAX_PENDING = 256;
/** Recorded events remembered per process; older ones fall back to first in, first out. */
const RECENT_EVENTS = 4096;
const NO_PARTS: readonly LedgerPart[] = [];

interface RecordedEvent {
	readonly streamKey: number;
	readonly tid: number;
	/** The newest read-back of the process when the event was recorded. */
	readonly sequence: number;
}

interface ProcessState {
	pending: ReadBack[];
	/** Ledger parts shipped for the read-back a thread is about to enqueue. */
	readonly parts: Map<number, LedgerPart[]>;
	readonly events: RecentMap<RecordedEvent>;
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
		const parts = process.parts.get(tid) ?? NO_PARTS;
		process.parts.delete(tid);
		if (!parts.some(({ ledger }) => ledger.hasWork)) {
			const previous = process.pending.findLast((entry) => entry.tid === tid);
			previous?.join(parts, tNs);
			this.counters[previous === undefined ? 'withoutWork' : 'joined'] += 1;
			return;
		}
		process.sequence += 1;
		process.pending.push(new ReadBack(process.sequence, tid, stream, tNs, parts));
		if (process.pending.length > MAX_PENDING) {
			process.pending.shift();
			this.counters.abandoned += 1;
		}
	}

	eventRecorded(pid: number, tid: number, eventKey: number, stream: StreamHandle): void {
		const { events, sequence } = this.#process(pid);
		events.set(eventKey, { streamKey: stream.key, tid, sequence });
	}

	streamReached(pid: number, tid: number, tNs: number, stream: StreamHandle): void {
		this.#complete(pid, tNs, (entry) => isOn(entry, stream.key, tid));
	}

	contextReached(pid: number, _tid: number, tNs: number): void {
		this.#complete(pid, tNs, () => true);
	}

	eventReached(pid: number, tid: number, tNs: number, eventKey: number): void {
		const process = this.#processes.get(pid);
		const first = process?.pending[0];
		if (process === undefined || first === undefined) return;
		const recorded = process.events.get(eventKey);
		if (recorded !== undefined && !this.#isStale(recorded, process.pending)) {
			const { sequence, streamKey, tid } = recorded;
			this.#complete(pid, tNs, (entry) => entry.sequence <= sequence && isOn(entry, streamKey, tid));
			return;
		}
		const oldest = process.pending.find((entry) => entry.tid === tid) ?? first;
		this.#complete(pid, tNs, (entry) => entry === oldest);
	}

	processExited(pid: number): void {
		this.#processes.delete(pid);
		this.#onProcessExited(pid);
	}

	/** Older than what is pending where it was recorded: the event has been recorded again since, unseen. */
	#isStale({ sequence, streamKey, tid }: RecordedEvent, pending: readonly ReadBack[]): boolean {
		if (this.#seesEveryEventRecord) return false;
		const oldest = pending.find((entry) => isOn(entry, streamKey, tid)) ?? pending[0];
		return oldest !== undefined && sequence < oldest.sequence;
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
			else earlier.merge(entry);
		}
		if (done.length === 0) return;
		process.pending = kept;
		for (const entry of done) {
			this.counters.completed += 1;
			this.#onCompleted(entry.completed(pid, tNs));
		}
	}

	#process(pid: number): ProcessState {
		let process = this.#processes.get(pid);
		if (process === undefined) {
			process = { pending: [], parts: new Map(), events: new RecentMap(RECENT_EVENTS), sequence: 0 };
			this.#processes.set(pid, process);
		}
		return process;
	}
}

/** Whether a wait for a stream covers a read-back; one whose stream is not known is taken for its thread's. */
function isOn(entry: ReadBack, streamKey: number, tid: number): boolean {
	return entry.stream === undefined ? entry.tid === tid : entry.stream.key === streamKey;
}
