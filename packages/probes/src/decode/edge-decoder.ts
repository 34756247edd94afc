import {
	handleKey,
	Ledger,
	type LedgerSink,
	OperationKind,
	type OperationTable,
	type SourceClock,
	StreamHandle,
	type ThreadSleep,
} from '@ingero/steps';
import {
	EVENT_ARG0,
	EVENT_OP,
	EVENT_PID,
	EVENT_TID,
	OP_LAUNCHER_AWAKE,
	OP_LEDGER_PART,
	OP_WAITER_ASLEEP,
	OP_WAITER_AWAKE,
	WITH_TIMES,
} from './layout';
import { readLedgerPart } from './ledger-part';
import { readThreadTimes } from './thread-times';

/** Turns the records of the ledger ring into what {@link LedgerSink} wants to hear. */
export class EdgeDecoder {
	readonly #table: OperationTable;
	readonly #clock: SourceClock;
	readonly #sink: LedgerSink;
	readonly #onMemoryCall: (words: Uint32Array, at: number, tNs: number) => void;
	readonly #onHandleCall: (words: Uint32Array, at: number, tNs: number) => void;
	readonly #wasWatched: (tid: number, tNs: number) => boolean;
	/** The stream named last: most records name the one before. */
	#stream = new StreamHandle(0, 0);
	/** What the ledger part at hand says. */
	readonly #ledger = new Ledger();

	constructor(options: {
		readonly table: OperationTable;
		readonly clock: SourceClock;
		readonly sink: LedgerSink;
		readonly onMemoryCall: (words: Uint32Array, at: number, tNs: number) => void;
		readonly onHandleCall: (words: Uint32Array, at: number, tNs: number) => void;
		/** Whether the launches of a ledger that is shipped at this time were watched. */
		readonly wasWatched: (tid: number, tNs: number) => boolean;
	}) {
		this.#table = options.table;
		this.#clock = options.clock;
		this.#sink = options.sink;
		this.#onMemoryCall = options.onMemoryCall;
		this.#onHandleCall = options.onHandleCall;
		this.#wasWatched = options.wasWatched;
	}

	record(words: Uint32Array, at: number, tNs: number): void {
		let op = words[at + EVENT_OP] as number;
		const pid = words[at + EVENT_PID] as number;
		const tid = words[at + EVENT_TID] as number;
		if (op === OP_LEDGER_PART) {
			const ledger = this.#ledger;
			readLedgerPart(words, at, this.#clock, ledger);
			ledger.launchesUnseen = !this.#wasWatched(tid, tNs);
			this.#sink.ledgerPart(pid, tid, this.#streamOf(words, at, 0), ledger);
			return;
		}
		if (op >= WITH_TIMES) {
			op -= WITH_TIMES;
			const times = this.#sink.timesOf?.(pid, tid, tNs);
			if (times !== undefined) readThreadTimes(words, at, times);
		}
		switch (op) {
			case OP_WAITER_ASLEEP:
				this.#sink.waiterAsleep?.(pid, tid, tNs);
				return;
			case OP_WAITER_AWAKE:
				this.#sink.waiterAwake?.(pid, tid, tNs, this.#sleep(words, at, tNs));
				return;
			case OP_LAUNCHER_AWAKE:
				this.#sink.launcherAwake(pid, tid, tNs, this.#sleep(words, at, tNs));
				return;
		}
		switch (this.#table.kindOf(op)) {
			// The kernel sends a described copy only when it goes to the host.
			case OperationKind.copyDeviceToHost:
			case OperationKind.describedCopy:
				this.#sink.readBack(pid, tid, tNs, this.#streamOf(words, at, this.#table.streamArgument(op)));
				return;
			case OperationKind.copyDeviceToHostBlocking:
			case OperationKind.describedCopyBlocking: {
				const own = this.#streamOf(words, at, this.#table.streamArgument(op));
				this.#sink.readBack(pid, tid, tNs, own);
				this.#sink.streamReached(pid, tid, tNs, own);
				return;
			}
			case OperationKind.hostFunction:
				this.#sink.hostFunctionEnqueued(pid, tid, tNs, this.#streamOf(words, at, this.#table.streamArgument(op)));
				return;
			case OperationKind.eventRecord:
				this.#sink.eventRecorded(pid, tid, tNs, handle(words, at, 0), this.#streamOf(words, at, 1));
				return;
			// The kernel sends a query only when it succeeded.
			case OperationKind.waitStream:
			case OperationKind.queryStream:
				this.#sink.streamReached(pid, tid, tNs, this.#streamOf(words, at, 0));
				return;
			case OperationKind.waitEvent:
				this.#sink.eventReached(pid, tid, tNs, handle(words, at, 0));
				return;
			case OperationKind.queryEvent:
				this.#sink.eventFound(pid, tid, tNs, handle(words, at, 0));
				return;
			case OperationKind.waitContext:
				this.#sink.contextReached(pid, tid, tNs);
				return;
			case OperationKind.processExit:
				this.#sink.processExited(pid);
				return;
			default:
				if (this.#table.tellsMemory(op)) this.#onMemoryCall(words, at, tNs);
				else if (this.#table.tellsHandles(op)) this.#onHandleCall(words, at, tNs);
		}
	}

	#streamOf(words: Uint32Array, at: number, argument: number): StreamHandle {
		const low = words[at + EVENT_ARG0 + 2 * argument] as number;
		const high = words[at + EVENT_ARG0 + 2 * argument + 1] as number;
		if (!this.#stream.is(low, high)) this.#stream = new StreamHandle(low, high);
		return this.#stream;
	}

	#sleep(words: Uint32Array, at: number, tNs: number): ThreadSleep {
		const fromNs = this.#clock.relative(words[at + EVENT_ARG0] as number, words[at + EVENT_ARG0 + 1] as number);
		const asleepNs = handle(words, at, 1);
		return {
			fromNs,
			asleepNs,
			readyNs: tNs - fromNs - asleepNs,
			isLock: words[at + EVENT_ARG0 + 4] === 1,
		};
	}
}

function handle(words: Uint32Array, at: number, argument: number): number {
	return handleKey(
		words[at + EVENT_ARG0 + 2 * argument] as number,
		words[at + EVENT_ARG0 + 2 * argument + 1] as number,
	);
}
