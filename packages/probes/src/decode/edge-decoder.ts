import {
	handleKey,
	type LedgerSink,
	OperationKind,
	OperationTable,
	type SourceClock,
	type StreamHandle,
} from '@ingero/steps';
import { PROBED_OPERATIONS } from '../functions';
import { EVENT_ARG0, EVENT_OP, EVENT_PID, EVENT_TID, OP_LEDGER_PART, OP_THREAD_TIMES } from './layout';
import { readLedgerPart } from './ledger-part';
import { readThreadTimes } from './thread-times';

/** Turns the records of the ledger ring into what {@link LedgerSink} wants to hear. */
export class EdgeDecoder {
	readonly #table = new OperationTable(PROBED_OPERATIONS);
	readonly #clock: SourceClock;
	readonly #sink: LedgerSink;

	constructor(clock: SourceClock, sink: LedgerSink) {
		this.#clock = clock;
		this.#sink = sink;
	}

	record(words: Uint32Array, at: number, tNs: number): void {
		const op = words[at + EVENT_OP] as number;
		const pid = words[at + EVENT_PID] as number;
		const tid = words[at + EVENT_TID] as number;
		if (op === OP_LEDGER_PART) {
			this.#sink.ledgerPart(pid, tid, stream(words, at, 0), readLedgerPart(words, at, this.#clock));
			return;
		}
		if (op === OP_THREAD_TIMES) {
			this.#sink.threadTimes?.(pid, tid, tNs, readThreadTimes(words, at));
			return;
		}
		switch (this.#table.kindOf(op)) {
			case OperationKind.copyDeviceToHost:
				this.#sink.readBack(pid, tid, tNs, stream(words, at, this.#table.streamArgument(op)));
				return;
			case OperationKind.copyDeviceToHostBlocking: {
				const own = stream(words, at, this.#table.streamArgument(op));
				this.#sink.readBack(pid, tid, tNs, own);
				this.#sink.streamReached(pid, tid, tNs, own);
				return;
			}
			case OperationKind.eventRecord:
				this.#sink.eventRecorded(pid, tid, handle(words, at, 0), stream(words, at, 1));
				return;
			// The kernel sends a query only when it succeeded.
			case OperationKind.waitStream:
			case OperationKind.queryStream:
				this.#sink.streamReached(pid, tid, tNs, stream(words, at, 0));
				return;
			case OperationKind.waitEvent:
			case OperationKind.queryEvent:
				this.#sink.eventReached(pid, tid, tNs, handle(words, at, 0));
				return;
			case OperationKind.waitContext:
				this.#sink.contextReached(pid, tid, tNs);
				return;
			case OperationKind.processExit:
				this.#sink.processExited(pid);
				return;
		}
	}
}

function handle(words: Uint32Array, at: number, argument: number): number {
	return handleKey(
		words[at + EVENT_ARG0 + 2 * argument] as number,
		words[at + EVENT_ARG0 + 2 * argument + 1] as number,
	);
}

function stream(words: Uint32Array, at: number, argument: number): StreamHandle {
	const low = words[at + EVENT_ARG0 + 2 * argument] as number;
	const high = words[at + EVENT_ARG0 + 2 * argument + 1] as number;
	return { key: handleKey(low, high), low, high };
}
