import type { SourceClock } from './clock';
import { handleKey } from './handle';
import { Ledger } from './ledger';
import type { LedgerSink, StreamHandle } from './ledger-sink';
import { OperationKind, type OperationTable } from './operations';

const RECORD_WORDS = 12;
/** Word offsets in a 48-byte event record. */
const TS = 0;
const PID = 3;
const TID = 4;
const OP = 5;
const ARG0 = 6;

/** Streams a thread is followed on between two read-backs; the kernel keeps as many (INGERO_TOUCHED_STREAMS). */
const TOUCHED_STREAMS = 8;
const DEFAULT_STREAM: StreamHandle = { key: 0, low: 0, high: 0 };

interface StreamState {
	readonly handle: StreamHandle;
	ledger: Ledger | undefined;
}

interface ThreadState {
	/** Streams this thread enqueued on, or joined, since its last read-back, in order of first touch. */
	readonly touched: StreamState[];
	last: StreamState | undefined;
}

interface ProcessState {
	readonly streams: Map<number, StreamState>;
	readonly threads: Map<number, ThreadState>;
	/** Event → the stream it was last recorded on. */
	readonly events: Map<number, StreamState>;
}

/** What a builder could not use. */
export interface BuilderCounters {
	events: number;
	/** Events whose operation the table does not explain. */
	unknownOperations: number;
	/** Times a thread touched more streams between two read-backs than are followed. */
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

	constructor(table: OperationTable, clock: SourceClock, sink: LedgerSink) {
		this.#table = table;
		this.#clock = clock;
		this.#sink = sink;
	}

	/** @param words whole 48-byte records as little-endian words, from `at` (in words) on */
	event(words: Uint32Array, at: number): void {
		this.counters.events += 1;
		const op = words[at + OP] as number;
		const kind = this.#table.kindOf(op);
		if (kind === undefined) {
			this.counters.unknownOperations += 1;
			return;
		}
		if (kind === OperationKind.none) return;
		const pid = words[at + PID] as number;
		const tid = words[at + TID] as number;
		if (kind === OperationKind.processExit) {
			this.#processes.delete(pid);
			this.#sink.processExited(pid);
			return;
		}
		const tNs = this.#clock.relative(words[at + TS] as number, words[at + TS + 1] as number);
		const process = this.#process(pid);
		if (kind >= OperationKind.eventRecord) this.#orderEvent(kind, op, process, pid, tid, tNs, words, at);
		else this.#enqueue(kind, op, process, pid, tid, tNs, words, at);
	}

	/** Decodes `count` records. */
	events(words: Uint32Array, count: number): void {
		for (let i = 0; i < count; i++) this.event(words, i * RECORD_WORDS);
	}

	#enqueue(
		kind: OperationKind,
		op: number,
		process: ProcessState,
		pid: number,
		tid: number,
		tNs: number,
		words: Uint32Array,
		at: number,
	): void {
		const thread = threadOf(process, tid);
		const streamPlace = this.#table.streamArgument(op);
		const stream =
			streamPlace >= 0
				? streamOf(
						process,
						words[at + ARG0 + 2 * streamPlace] as number,
						words[at + ARG0 + 2 * streamPlace + 1] as number,
					)
				: (thread.last ?? streamOf(process, 0, 0));
		this.#touch(thread, stream);
		if (streamPlace >= 0) thread.last = stream;
		stream.ledger ??= new Ledger();
		const ledger = stream.ledger;
		if (kind === OperationKind.launch) {
			// arg2 packs the grid: blocks << 12 | threads per block.
			const low = words[at + ARG0 + 4] as number;
			const high = words[at + ARG0 + 5] as number;
			ledger.launch(tNs, words[at + ARG0] as number, words[at + ARG0 + 1] as number, high * 1_048_576 + (low >>> 12));
			return;
		}
		const bytesPlace = this.#table.bytesArgument(op);
		const bytes =
			bytesPlace < 0
				? 0
				: handleKey(words[at + ARG0 + 2 * bytesPlace] as number, words[at + ARG0 + 2 * bytesPlace + 1] as number);
		switch (kind) {
			case OperationKind.graphLaunch:
				ledger.touch(tNs);
				ledger.graphLaunches += 1;
				return;
			case OperationKind.memset:
				ledger.touch(tNs);
				ledger.memsets += 1;
				return;
			case OperationKind.hostFunction:
				ledger.touch(tNs);
				ledger.hostFunctions += 1;
				return;
			case OperationKind.collective:
				ledger.touch(tNs);
				ledger.collectives += 1;
				return;
			case OperationKind.alloc:
				ledger.allocs += 1;
				ledger.allocBytes += bytes;
				return;
			case OperationKind.free:
				ledger.frees += 1;
				return;
		}
		ledger.touch(tNs);
		ledger.copies += 1;
		switch (kind) {
			case OperationKind.copyHostToDevice:
				ledger.hostToDeviceBytes += bytes;
				return;
			case OperationKind.copyDeviceToDevice:
				ledger.deviceToDeviceBytes += bytes;
				return;
			case OperationKind.copyUnknown:
				ledger.unknownCopyBytes += bytes;
				return;
		}
		ledger.deviceToHostBytes += bytes;
		this.#ship(thread, pid, tid);
		this.#sink.readBack(pid, tid, tNs, streamPlace >= 0 ? stream.handle : undefined);
		if (kind === OperationKind.copyDeviceToHostBlocking) this.#sink.streamReached(pid, tid, tNs, stream.handle);
	}

	/** Events, waits and queries: they order work, they add none. */
	#orderEvent(
		kind: OperationKind,
		op: number,
		process: ProcessState,
		pid: number,
		tid: number,
		tNs: number,
		words: Uint32Array,
		at: number,
	): void {
		const streamPlace = this.#table.streamArgument(op);
		const streamAt = at + ARG0 + 2 * Math.max(0, streamPlace);
		const stream =
			streamPlace < 0 ? undefined : streamOf(process, words[streamAt] as number, words[streamAt + 1] as number);
		const eventPlace = this.#table.eventArgument(op);
		const eventAt = at + ARG0 + 2 * Math.max(0, eventPlace);
		const eventKey = eventPlace < 0 ? 0 : handleKey(words[eventAt] as number, words[eventAt + 1] as number);
		switch (kind) {
			case OperationKind.eventRecord:
				if (stream === undefined) return;
				process.events.set(eventKey, stream);
				this.#sink.eventRecorded(pid, tid, eventKey, stream.handle);
				return;
			case OperationKind.streamWaitEvent: {
				const joined = process.events.get(eventKey);
				if (joined !== undefined) this.#touch(threadOf(process, tid), joined);
				return;
			}
			case OperationKind.waitStream:
				this.#sink.streamReached(pid, tid, tNs, stream?.handle ?? DEFAULT_STREAM);
				return;
			case OperationKind.waitContext:
				this.#sink.contextReached(pid, tid, tNs);
				return;
			case OperationKind.waitEvent:
				this.#sink.eventReached(pid, tid, tNs, eventKey);
				return;
			case OperationKind.queryEvent:
				if (this.#succeeded(op, words, at)) this.#sink.eventReached(pid, tid, tNs, eventKey);
				return;
			case OperationKind.queryStream:
				if (stream !== undefined && this.#succeeded(op, words, at)) {
					this.#sink.streamReached(pid, tid, tNs, stream.handle);
				}
				return;
		}
	}

	/** A query whose result was not recorded tells nothing. */
	#succeeded(op: number, words: Uint32Array, at: number): boolean {
		const place = this.#table.resultArgument(op);
		return place >= 0 && words[at + ARG0 + 2 * place] === 0;
	}

	#touch(thread: ThreadState, stream: StreamState): void {
		if (thread.touched.includes(stream)) return;
		if (thread.touched.length === TOUCHED_STREAMS) this.counters.touchedOverflows += 1;
		else thread.touched.push(stream);
	}

	#ship(thread: ThreadState, pid: number, tid: number): void {
		for (const stream of thread.touched) {
			if (stream.ledger === undefined) continue;
			this.#sink.ledgerPart(pid, tid, stream.handle, stream.ledger);
			stream.ledger = undefined;
		}
		thread.touched.length = 0;
	}

	#process(pid: number): ProcessState {
		let process = this.#processes.get(pid);
		if (process === undefined) {
			process = { streams: new Map(), threads: new Map(), events: new Map() };
			this.#processes.set(pid, process);
		}
		return process;
	}
}

function threadOf(process: ProcessState, tid: number): ThreadState {
	let thread = process.threads.get(tid);
	if (thread === undefined) {
		thread = { touched: [], last: undefined };
		process.threads.set(tid, thread);
	}
	return thread;
}

function streamOf(process: ProcessState, low: number, high: number): StreamState {
	const key = handleKey(low, high);
	let stream = process.streams.get(key);
	if (stream === undefined) {
		stream = { handle: { key, low, high }, ledger: undefined };
		process.streams.set(key, stream);
	}
	return stream;
}
