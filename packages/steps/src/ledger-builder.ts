import { account } from './account';
import type { SourceClock } from './clock';
import { EventRecord, RECORD_WORDS } from './event-record';
import { ThreadAccounts } from './evidence/thread-accounts';
import { Ledger } from './ledger';
import type { LedgerSink } from './ledger-sink';
import { OperationKind, type OperationTable } from './operations';
import { StreamHandle } from './stream-handle';
import { type StreamState, StreamStates } from './stream-state';

/** Streams a thread is followed on between two read-backs; the kernel keeps as many (INGERO_TOUCHED_STREAMS). */
const TOUCHED_STREAMS = 8;
/** Events followed of one process: the kernel's INGERO_EVENTS_OF_A_PROCESS. */
const EVENTS_OF_A_PROCESS = 8192;
/**
 * After so many waits in a row for work that was not read back, a process does not read back at all, or rarely: from then
 * on its waits close its ledgers.
 */
const WAITS_WITHOUT_READ_BACK = 64;
const DEFAULT_STREAM = new StreamHandle(0, 0);

interface ThreadState {
	readonly pid: number;
	readonly tid: number;
	readonly process: ProcessState;
	/** Streams this thread enqueued on, or joined, since its last read-back, in order of first touch. */
	readonly touched: StreamState[];
	/** Where it enqueued last, of the calls that name a stream. */
	last: StreamState | undefined;
	/** Where it enqueued a read-back, if that was the last thing it enqueued. */
	readBack: StreamState | undefined;
	/** It has launched something since its last wait. */
	hasLaunched: boolean;
}

interface ProcessState {
	readonly streams: StreamStates;
	readonly threads: Map<number, ThreadState>;
	/** Event → the stream it was last recorded on. */
	readonly events: Map<number, StreamHandle>;
	/** Waits for work since the last read-back. */
	waits: number;
}

/** What a builder could not use. */
export interface BuilderCounters {
	events: number;
	/** Events whose operation the table does not explain. */
	unknownOperations: number;
	/** Times a thread touched, or a stream waited for, more streams between two read-backs than are followed. */
	touchedOverflows: number;
}

/**
 * Makes ledgers from raw events: the one builder, for replays and captures, and the specification of what
 * the kernel's programs do. Events must come in time order.
 */
export class LedgerBuilder {
	readonly counters: BuilderCounters = { events: 0, unknownOperations: 0, touchedOverflows: 0 };
	readonly #table: OperationTable;
	readonly #clock: SourceClock;
	readonly #sink: LedgerSink;
	readonly #processes = new Map<number, ProcessState>();
	readonly #accounts: ThreadAccounts;
	/** The thread of the call before: most calls come from the same one, which saves two look-ups. */
	#thread: ThreadState | undefined;
	readonly #record = new EventRecord();

	constructor(table: OperationTable, clock: SourceClock, sink: LedgerSink) {
		this.#table = table;
		this.#clock = clock;
		this.#sink = sink;
		this.#accounts = new ThreadAccounts(table, sink);
	}

	/**
	 * @param words whole 48-byte records as little-endian words, from `at` (in words) on
	 * @param tNs the record's time in ns since the source's base, for a caller that knows it
	 */
	event(
		words: Uint32Array,
		at: number,
		tNs: number = this.#clock.relative(words[at] as number, words[at + 1] as number),
	): void {
		this.counters.events += 1;
		const record = this.#record;
		record.moveTo(words, at, tNs);
		const kind = this.#table.kindOf(record.op);
		if (kind === undefined) {
			this.counters.unknownOperations += 1;
		} else if (kind === OperationKind.processExit) {
			this.#processes.delete(record.pid);
			this.#thread = undefined;
			this.#accounts.processExited(record.pid);
			this.#sink.processExited(record.pid);
		} else if (kind > OperationKind.wakeup) {
			this.#otherCall(kind, record);
		} else if (kind > OperationKind.processExit) {
			this.#accounts.scheduled(record, kind);
		} else if (kind >= OperationKind.eventRecord) {
			this.#accounts.call(record, kind, 0);
			this.#order(kind, record);
		} else if (kind !== OperationKind.none) {
			this.#enqueue(kind, record);
		} else {
			this.#accounts.call(record, kind, 0);
		}
	}

	/** Decodes `count` records. */
	events(words: Uint32Array, count: number): void {
		for (let i = 0; i < count; i++) this.event(words, i * RECORD_WORDS);
	}

	/** Calls that came to be known later than the others. */
	#otherCall(kind: OperationKind, record: EventRecord): void {
		switch (kind) {
			case OperationKind.observed:
				return;
			case OperationKind.describedCopy:
			case OperationKind.describedCopyBlocking:
				this.#enqueue(directionOf(record.low(0), kind === OperationKind.describedCopyBlocking), record);
				return;
			case OperationKind.captureBegin:
			case OperationKind.captureEnd: {
				this.#accounts.call(record, kind, 0);
				const streamPlace = this.#table.streamArgument(record.op);
				if (streamPlace < 0) return;
				const stream = this.#process(record.pid).streams.of(record.low(streamPlace), record.high(streamPlace));
				if (stream.isShared) return;
				if (kind === OperationKind.captureEnd) stream.endCapture();
				else if (this.#succeeded(record)) stream.beginCapture();
				return;
			}
			case OperationKind.eventDestroy: {
				const eventPlace = this.#table.eventArgument(record.op);
				if (eventPlace >= 0) this.#process(record.pid).events.delete(record.value(eventPlace));
			}
		}
		this.#accounts.call(record, kind, 0);
	}

	#enqueue(kind: OperationKind, record: EventRecord): void {
		if (kind === OperationKind.alloc && this.#wasRefused(record)) {
			this.#accounts.call(record, kind, 0);
			return;
		}
		const thread = this.#threadOf(record);
		const streamPlace = this.#table.streamArgument(record.op);
		const stream = streamPlace >= 0 ? named(thread, record, streamPlace) : latest(thread);
		this.#touch(thread, stream);
		if (stream.isCaptured) {
			this.#accounts.call(record, OperationKind.none, 0);
			return;
		}
		stream.ledger ??= new Ledger();
		const bytesPlace = this.#table.bytesArgument(record.op);
		const bytes = bytesPlace >= 0 ? record.value(bytesPlace) : 0;
		account(stream.ledger, kind, record, bytes);
		if (kind === OperationKind.launch || kind === OperationKind.graphLaunch) thread.hasLaunched = true;
		this.#accounts.call(record, kind, bytes);
		const { readBack } = thread;
		thread.readBack = kind === OperationKind.copyDeviceToHost ? stream : undefined;
		if (kind === OperationKind.hostFunction && stream === readBack) {
			this.#accounts.calledBack(record);
			this.#sink.hostFunctionEnqueued(record.pid, record.tid, record.tNs, this.#named(record) ?? stream.handle);
		}
		if (kind !== OperationKind.copyDeviceToHost && kind !== OperationKind.copyDeviceToHostBlocking) return;
		thread.process.waits = 0;
		this.#ship(thread, record);
		this.#tellTimes(record);
		const handle = this.#named(record);
		this.#sink.readBack(record.pid, record.tid, record.tNs, handle);
		if (kind === OperationKind.copyDeviceToHostBlocking) {
			this.#sink.streamReached(record.pid, record.tid, record.tNs, handle ?? stream.handle);
		}
	}

	/** Events, waits and queries: they order work, they add none. */
	#order(kind: OperationKind, record: EventRecord): void {
		const { pid, tid, tNs, op } = record;
		const streamPlace = this.#table.streamArgument(op);
		const eventPlace = this.#table.eventArgument(op);
		const eventKey = eventPlace >= 0 ? record.value(eventPlace) : 0;
		switch (kind) {
			case OperationKind.eventRecord: {
				if (streamPlace < 0) return;
				const { events } = this.#process(pid);
				const handle = handleOf(record, streamPlace);
				if (events.size < EVENTS_OF_A_PROCESS || events.has(eventKey)) events.set(eventKey, handle);
				this.#sink.eventRecorded(pid, tid, tNs, eventKey, handle);
				return;
			}
			case OperationKind.streamWaitEvent: {
				const thread = this.#threadOf(record);
				const recordedOn = thread.process.events.get(eventKey);
				if (recordedOn === undefined) return;
				const { streams } = thread.process;
				const joined = streams.of(recordedOn.low, recordedOn.high);
				this.#touch(thread, joined);
				if (streamPlace < 0) return;
				const waiting = streams.of(record.low(streamPlace), record.high(streamPlace));
				if (!waiting.join(joined)) this.counters.touchedOverflows += 1;
				return;
			}
			case OperationKind.waitStream:
				this.#closeByWait(record);
				this.#tellTimes(record);
				this.#sink.streamReached(pid, tid, tNs, streamPlace >= 0 ? handleOf(record, streamPlace) : DEFAULT_STREAM);
				return;
			case OperationKind.waitContext:
				this.#closeByWait(record);
				this.#tellTimes(record);
				this.#sink.contextReached(pid, tid, tNs);
				return;
			case OperationKind.waitEvent:
				this.#closeByWait(record);
				this.#tellTimes(record);
				this.#sink.eventReached(pid, tid, tNs, eventKey);
				return;
			case OperationKind.queryEvent:
				if (!this.#succeeded(record)) return;
				this.#tellTimes(record);
				this.#sink.eventFound(pid, tid, tNs, eventKey);
				return;
			case OperationKind.queryStream:
				if (streamPlace < 0 || !this.#succeeded(record)) return;
				this.#tellTimes(record);
				this.#sink.streamReached(pid, tid, tNs, handleOf(record, streamPlace));
				return;
		}
	}

	/** A program that never reads back has its steps end with its waits. */
	#closeByWait(record: EventRecord): void {
		const thread = this.#threadOf(record);
		if (!thread.hasLaunched) return;
		thread.hasLaunched = false;
		thread.process.waits += 1;
		if (thread.process.waits < WAITS_WITHOUT_READ_BACK) return;
		this.#ship(thread, record);
	}

	#tellTimes({ pid, tid, tNs }: EventRecord): void {
		const times = this.#sink.timesOf?.(pid, tid, tNs);
		if (times !== undefined) this.#accounts.write(pid, tid, times);
	}

	/** An allocation that CUDA refused took nothing: told by its result, or by address 0 where that is not recorded. */
	#wasRefused(record: EventRecord): boolean {
		const resultPlace = this.#table.resultArgument(record.op);
		if (resultPlace >= 0) return record.low(resultPlace) !== 0;
		const pointerPlace = this.#table.pointerArgument(record.op);
		return pointerPlace >= 0 && record.value(pointerPlace) === 0;
	}

	/** A query whose result was not recorded tells nothing. */
	#succeeded(record: EventRecord): boolean {
		const place = this.#table.resultArgument(record.op);
		return place >= 0 && record.low(place) === 0;
	}

	/** The stream as the call names it, which may be one of those that share a ledger. */
	#named(record: EventRecord): StreamHandle | undefined {
		const place = this.#table.streamArgument(record.op);
		return place >= 0 ? handleOf(record, place) : undefined;
	}

	#touch(thread: ThreadState, stream: StreamState): void {
		if (thread.touched.includes(stream)) return;
		if (thread.touched.length === TOUCHED_STREAMS) this.counters.touchedOverflows += 1;
		else thread.touched.push(stream);
	}

	/** The ledgers of all streams that this thread touched, and of those that they wait for. */
	#ship(thread: ThreadState, record: EventRecord): void {
		// It grows meanwhile.
		for (const stream of thread.touched) {
			for (const joined of stream.joined) this.#touch(thread, joined);
			stream.joined.length = 0;
			if (stream.ledger === undefined) continue;
			this.#sink.ledgerPart(record.pid, record.tid, stream.handle, stream.ledger);
			stream.ledger = undefined;
		}
		thread.touched.length = 0;
	}

	#threadOf({ pid, tid }: EventRecord): ThreadState {
		let thread = this.#thread;
		if (thread?.pid === pid && thread.tid === tid) return thread;
		const process = this.#process(pid);
		thread = process.threads.get(tid);
		if (thread === undefined) {
			thread = {
				pid,
				tid,
				process,
				touched: [],
				last: undefined,
				readBack: undefined,
				hasLaunched: false,
			};
			process.threads.set(tid, thread);
		}
		this.#thread = thread;
		return thread;
	}

	#process(pid: number): ProcessState {
		let process = this.#processes.get(pid);
		if (process === undefined) {
			process = { streams: new StreamStates(), threads: new Map(), events: new Map(), waits: 0 };
			this.#processes.set(pid, process);
		}
		return process;
	}
}

/** @param memcpyKind a `cudaMemcpyKind` */
function directionOf(memcpyKind: number, isBlocking: boolean): OperationKind {
	switch (memcpyKind) {
		case 1:
			return OperationKind.copyHostToDevice;
		case 2:
			return isBlocking ? OperationKind.copyDeviceToHostBlocking : OperationKind.copyDeviceToHost;
		case 3:
			return OperationKind.copyDeviceToDevice;
		default:
			return OperationKind.copyUnknown;
	}
}

/** The stream that a call names; most calls name the one before, which saves the look-up. */
function named(thread: ThreadState, record: EventRecord, place: number): StreamState {
	const low = record.low(place);
	const high = record.high(place);
	const { last } = thread;
	if (last?.handle.is(low, high)) return last;
	thread.last = thread.process.streams.of(low, high);
	return thread.last;
}

/** Where a call that names no stream belongs: with what its thread enqueued last. */
function latest(thread: ThreadState): StreamState {
	return thread.last ?? thread.process.streams.of(0, 0);
}

function handleOf(record: EventRecord, place: number): StreamHandle {
	return new StreamHandle(record.low(place), record.high(place));
}
