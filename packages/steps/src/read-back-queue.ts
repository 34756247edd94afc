import type { CompletedLedger } from './completed-ledger';
import type { StepEvidence } from './evidence/step-evidence';
import type { ThreadSleep } from './evidence/thread-sleep';
import type { Ledger } from './ledger';
import type { LedgerSink } from './ledger-sink';
import type { ReadBack, RecordedEvent } from './read-back';
import { isBefore, isOn, launchesBehind, ProcessState } from './read-back-state';
import type { StreamHandle } from './stream-handle';

/** Read-backs of one process that nobody waited for are dropped beyond this number, oldest first. */
const MAX_PENDING = 256;

/** What the queue saw and could not use. */
export interface ReadBackCounters {
	completed: number;
	/** Read-backs that became one step with an earlier one, because the same wait completed both. */
	merged: number;
	/** Read-backs with no work behind them that joined the one before: a group of copies. */
	joined: number;
	/** Read-backs with no work behind them and none to join: no step. */
	withoutWork: number;
	/** Read-backs that nobody waited for, and what a program enqueued before it showed that it never reads back. */
	abandoned: number;
}

/**
 * Pairs read-backs with the waits that complete them.
 *
 * A ledger closes when its read-back is enqueued and then waits here, because an engine that schedules ahead has the
 * next step enqueued before it waits for this one. A wait completes what it covers: an event everything enqueued
 * before it on its stream, a stream or context wait everything there; an event whose record was not seen completes
 * the oldest. Read-backs completed by one wait are one step. A query that succeeds is as good as a wait when it asks for
 * the event recorded right behind the read-back. Other queries (an allocator asks whether it may use a block again) only
 * show that the result is there, not that the program has come for it: they count until a wait has shown how it does.
 *
 * First in, first out has no memory of which is which, so read-backs that nobody waits for (those of a program's set-up,
 * or where the wait was lost) would make every later step carry the work of an earlier one. Two signs tell of them:
 * at a thread's first wait, a read-back of another number of copies than the newest, and all before it, are not of the
 * loop that has begun; and a thread that waits twice in a row drains what it had enqueued ahead, so that what is still
 * pending when it goes on is not waited for any more.
 */
export class ReadBackQueue implements LedgerSink {
	readonly counters: ReadBackCounters = { completed: 0, merged: 0, joined: 0, withoutWork: 0, abandoned: 0 };
	readonly #processes = new Map<number, ProcessState>();
	#latestPid = 0;
	#latest: ProcessState | undefined;
	readonly #evidenceOf: (pid: number, tid: number, completedNs: number) => StepEvidence | undefined;
	readonly #onCompleted: (ledger: CompletedLedger) => void;
	readonly #onProcessExited: (pid: number) => void;
	readonly #seesEveryEventRecord: boolean;

	/**
	 * @param options.seesEveryEventRecord false for a source that probes only some of the functions that record events:
	 * an event's last seen record may then be stale, and a wait for it counts as one for the oldest read-back
	 * @param options.evidenceOf asked of each ledger right before `onCompleted` has it
	 */
	constructor(options: {
		readonly seesEveryEventRecord: boolean;
		readonly evidenceOf?: (pid: number, tid: number, completedNs: number) => StepEvidence | undefined;
		readonly onCompleted: (ledger: CompletedLedger) => void;
		readonly onProcessExited?: ((pid: number) => void) | undefined;
	}) {
		this.#seesEveryEventRecord = options.seesEveryEventRecord;
		this.#evidenceOf = options.evidenceOf ?? (() => undefined);
		this.#onCompleted = options.onCompleted;
		this.#onProcessExited = options.onProcessExited ?? (() => {});
	}

	ledgerPart(pid: number, tid: number, stream: StreamHandle, ledger: Ledger): void {
		const process = this.#process(pid);
		const thread = process.thread(tid);
		thread.open ??= process.newReadBack();
		thread.open.add(stream, ledger);
	}

	readBack(pid: number, tid: number, tNs: number, stream: StreamHandle | undefined): void {
		const process = this.#process(pid);
		const thread = process.thread(tid);
		const readBack = thread.open ?? process.newReadBack();
		thread.open = undefined;
		thread.isClosedByWaits = false;
		if (!readBack.hasWork) {
			const previous = process.pending.findLast((entry) => entry.tid === tid);
			previous?.join(readBack.ledger, tNs);
			process.recycle(readBack);
			this.counters[previous === undefined ? 'withoutWork' : 'joined'] += 1;
			return;
		}
		if (thread.waitsInTurn !== undefined) {
			if (thread.waitsInTurn > 1) this.#abandon(process, (entry) => entry.tid === tid);
			thread.waitsInTurn = 0;
		}
		process.sequence += 1;
		readBack.close(process.sequence, tid, stream, tNs);
		process.pending.push(readBack);
		if (process.pending.length > MAX_PENDING) {
			process.pending.shift();
			this.counters.abandoned += 1;
		}
	}

	hostFunctionEnqueued(pid: number, tid: number, _tNs: number, stream: StreamHandle): void {
		const process = this.#process(pid);
		for (const entry of process.pending) {
			if (entry.isCalledBack || entry.event !== undefined || entry.tid !== tid || !isOn(entry, stream.key, tid))
				continue;
			entry.isCalledBack = true;
			entry.owner = process.recorders.get(entry.busiest.key) ?? tid;
			process.launchingOf(entry.owner).chance();
		}
	}

	launcherAwake(pid: number, tid: number, tNs: number, { asleepNs }: ThreadSleep): void {
		if (asleepNs > 0) {
			this.#complete(pid, tNs, (entry) => entry.isCalledBack && entry.owner === tid);
			return;
		}
		// It was kept from running, and may have its result now, or be about to sleep until it comes.
		for (const entry of this.#known(pid)?.pending ?? []) {
			if (entry.isCalledBack && entry.owner === tid) entry.ownerRanNs ??= tNs;
		}
	}

	eventRecorded(pid: number, tid: number, tNs: number, eventKey: number, stream: StreamHandle): void {
		const process = this.#process(pid);
		process.seesRecords = true;
		process.recorders.set(stream.key, tid);
		this.#goOn(process, pid, tNs, stream);
		const recorded: RecordedEvent = { streamKey: stream.key, tid, sequence: process.sequence };
		process.events.set(eventKey, recorded);
		for (const entry of process.pending) if (isOn(entry, stream.key, tid)) entry.event ??= recorded;
	}

	streamReached(pid: number, tid: number, tNs: number, stream: StreamHandle): void {
		this.#complete(pid, tNs, (entry) => isOn(entry, stream.key, tid));
		this.#closeByWait(pid, tid, tNs);
	}

	contextReached(pid: number, tid: number, tNs: number): void {
		this.#complete(pid, tNs, () => true);
		this.#closeByWait(pid, tid, tNs);
	}

	eventReached(pid: number, tid: number, tNs: number, eventKey: number): void {
		this.#eventReached(pid, tid, tNs, eventKey);
		this.#closeByWait(pid, tid, tNs);
	}

	#eventReached(pid: number, tid: number, tNs: number, eventKey: number): void {
		const process = this.#known(pid);
		if (process === undefined) return;
		const recorded = this.#recordOf(process, eventKey);
		if (recorded === undefined) {
			const oldest = this.#oldest(process, tid);
			if (oldest === undefined) return;
			process.thread(oldest.tid).isAwaited = true;
			this.#complete(pid, tNs, (entry) => entry === oldest);
			return;
		}
		this.#complete(pid, tNs, (entry) => {
			if (entry.event === recorded) process.thread(entry.tid).isAwaited = true;
			return isBefore(entry, recorded);
		});
	}

	eventFound(pid: number, tid: number, tNs: number, eventKey: number): void {
		const process = this.#known(pid);
		if (process === undefined) return;
		const recorded = this.#recordOf(process, eventKey);
		if (recorded === undefined) {
			// An event that was never recorded is found at once: rings of events begin with such.
			if (this.#seesEveryEventRecord && process.seesRecords) return;
			const oldest = this.#oldest(process, tid);
			if (oldest !== undefined && !process.thread(oldest.tid).isAwaited)
				this.#complete(pid, tNs, (entry) => entry === oldest);
			return;
		}
		const own = process.pending.findLast(({ event }) => event === recorded)?.sequence ?? 0;
		this.#complete(
			pid,
			tNs,
			(entry) => isBefore(entry, recorded) && (entry.sequence <= own || !process.thread(entry.tid).isAwaited),
		);
	}

	processExited(pid: number): void {
		this.#processes.delete(pid);
		this.#latest = undefined;
		this.#onProcessExited(pid);
	}

	/** Ledgers that were shipped for a wait are a step that ends with it. */
	#closeByWait(pid: number, tid: number, tNs: number): void {
		const process = this.#known(pid);
		const thread = process?.thread(tid);
		const readBack = thread?.open;
		if (process === undefined || thread === undefined || !readBack?.hasWork) return;
		thread.open = undefined;
		if (!thread.isClosedByWaits) {
			// What it has enqueued until this showed was many steps.
			thread.isClosedByWaits = true;
			this.counters.abandoned += 1;
			process.recycle(readBack);
			return;
		}
		readBack.close(process.sequence, tid, undefined, tNs);
		this.#completed(process, readBack, pid, tNs, 0);
	}

	/** What is known of an event; undefined when it may have been recorded since, unseen. */
	#recordOf({ events, pending }: ProcessState, eventKey: number): RecordedEvent | undefined {
		const recorded = events.get(eventKey);
		if (recorded === undefined || this.#seesEveryEventRecord) return recorded;
		// Older than what is pending where it was recorded: nobody waits for that.
		const oldest = pending.find((entry) => isOn(entry, recorded.streamKey, recorded.tid)) ?? pending[0];
		return oldest !== undefined && recorded.sequence < oldest.sequence ? undefined : recorded;
	}

	/** What a thread means that waits for an event of which nothing is known. */
	#oldest(process: ProcessState, tid: number): ReadBack | undefined {
		const isInTurn = !(this.#seesEveryEventRecord && process.seesRecords);
		if (isInTurn && process.pending.length > 0) this.#takeTurn(process, tid);
		const own = process.pending.find((entry) => entry.tid === tid);
		return own ?? (this.#seesEveryEventRecord ? undefined : process.pending[0]);
	}

	/**
	 * A stream whose results callbacks read is used for the next step: the one who launches there has got them by now,
	 * without having slept, unless it is one who schedules ahead.
	 */
	#goOn(process: ProcessState, pid: number, tNs: number, stream: StreamHandle): void {
		const left = process.pending.find((entry) => entry.isCalledBack && entry.busiest.key === stream.key);
		if (left === undefined) return;
		const { owner, ownerRanNs } = left;
		const launching = process.launchingOf(owner);
		launching.taken();
		if (launching.isUsual) return;
		this.#complete(pid, ownerRanNs ?? tNs, (entry) => entry.isCalledBack && entry.owner === owner);
	}

	/** A thread waits for the oldest of its read-backs: forgets those that it did not mean. */
	#takeTurn(process: ProcessState, tid: number): void {
		const thread = process.thread(tid);
		const isFirst = thread.waitsInTurn === undefined;
		thread.waitsInTurn = (thread.waitsInTurn ?? 0) + 1;
		if (!isFirst) return;
		const own = process.pending.filter((entry) => entry.tid === tid);
		const other = own.findLast(({ copies }) => copies !== own.at(-1)?.copies);
		if (other !== undefined) this.#abandon(process, (entry) => entry.tid === tid && entry.sequence <= other.sequence);
	}

	#abandon(process: ProcessState, isAbandoned: (entry: ReadBack) => boolean): void {
		const { length } = process.pending;
		process.pending = process.pending.filter((entry) => !isAbandoned(entry));
		this.counters.abandoned += length - process.pending.length;
	}

	/** Completes what `covers` says, one step per thread. */
	#complete(pid: number, tNs: number, covers: (entry: ReadBack) => boolean): void {
		const process = this.#known(pid);
		if (process === undefined || process.pending.length === 0) return;
		const [first] = process.pending;
		if (process.pending.length === 1 && first !== undefined) {
			// As in most programs, where this saves two lists a step.
			if (!covers(first)) return;
			process.pending.pop();
			this.#completed(process, first, pid, tNs, 0);
			return;
		}
		const kept: ReadBack[] = [];
		const done: ReadBack[] = [];
		for (const entry of process.pending) {
			if (!covers(entry)) {
				kept.push(entry);
				continue;
			}
			const earlier = done.find((other) => other.owner === entry.owner);
			if (earlier === undefined) {
				done.push(entry);
			} else {
				earlier.merge(entry);
				process.recycle(entry);
				this.counters.merged += 1;
			}
		}
		if (done.length === 0) return;
		process.pending = kept;
		for (const entry of done) this.#completed(process, entry, pid, tNs, launchesBehind(entry, kept));
	}

	#completed(process: ProcessState, readBack: ReadBack, pid: number, tNs: number, launchesAhead: number): void {
		this.counters.completed += 1;
		const evidence = this.#evidenceOf(pid, readBack.owner, tNs);
		const sketch = process.thread(readBack.owner).copyOf(readBack.ledger.sketch);
		const ledger = readBack.completed(pid, tNs, launchesAhead, sketch, evidence);
		process.recycle(readBack);
		this.#onCompleted(ledger);
	}

	#known(pid: number): ProcessState | undefined {
		return this.#latest !== undefined && pid === this.#latestPid ? this.#latest : this.#processes.get(pid);
	}

	#process(pid: number): ProcessState {
		let process = this.#known(pid);
		if (process === undefined) {
			process = new ProcessState();
			this.#processes.set(pid, process);
		}
		this.#latestPid = pid;
		this.#latest = process;
		return process;
	}
}
