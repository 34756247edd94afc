import { type LedgerConsumer, OperationTable, ReorderWindow, type SourceClock, StepAssembler } from '@ingero/steps';
import { EdgeDecoder } from '../decode/edge-decoder';
import { EVENT_OP, EVENT_PID, EVENT_TID, OP_PROCESS_EXIT, recordWords } from '../decode/layout';
import type { Operations } from '../functions';

/** From the records of the ledger ring to completed ledgers. */
export class LedgerReader {
	readonly #windowNs: number;
	readonly #window: ReorderWindow;
	readonly #steps: StepAssembler;
	readonly #wordsOf: (words: Uint32Array, at: number) => number;

	/**
	 * @param options.windowNs how long a record may be late and still find its place
	 * @param options.consumer hears of steps, the calls between them and the ends of processes
	 * @param options.wasWatched whether the launches of a ledger that is shipped at this time were watched
	 * @param options.onExit a process has ended, told as its record of 12 words is read; valid during the call
	 */
	constructor(options: {
		readonly clock: SourceClock;
		readonly operations: Operations;
		readonly windowNs: number;
		readonly consumer: Pick<LedgerConsumer, 'completed' | 'processExited' | 'memoryCall' | 'handleCall'>;
		readonly wasWatched: (tid: number, tNs: number) => boolean;
		readonly onExit: (words: Uint32Array, at: number) => void;
	}) {
		const { clock, operations, windowNs, consumer, onExit } = options;
		const steps = new StepAssembler({
			seesEveryEventRecord: true,
			onCompleted: (ledger) => consumer.completed(ledger),
			onProcessExited: (pid) => consumer.processExited(pid),
		});
		const decoder = new EdgeDecoder({
			table: new OperationTable(operations),
			clock,
			sink: steps,
			onMemoryCall: (words, at, tNs) => {
				steps.called(words[at + EVENT_PID] as number, words[at + EVENT_TID] as number);
				consumer.memoryCall?.(words, at, tNs);
			},
			onHandleCall: (words, at, tNs) => consumer.handleCall?.(words, at, tNs),
			wasWatched: options.wasWatched,
		});
		this.#windowNs = windowNs;
		this.#steps = steps;
		this.#window = new ReorderWindow({
			windowNs,
			clock,
			release: (words, at, tNs) => decoder.record(words, at, tNs),
		});
		this.#wordsOf = (words, at) => {
			if (words[at + EVENT_OP] === OP_PROCESS_EXIT) onExit(words, at);
			return recordWords(words, at);
		};
	}

	/** Records that came too late for their place. */
	get late(): number {
		return this.#window.counters.late;
	}

	/** Takes a copy of `wordCount` words, whole records one right after the other, as the ring has them. */
	read(words: Uint32Array, wordCount: number): void {
		this.#window.pushAll(words, wordCount, this.#wordsOf);
	}

	/** All records older than `nowNs` minus the window have been read. */
	advance(nowNs: number): void {
		this.#window.advance(nowNs);
		this.#steps.passed(nowNs - this.#windowNs);
	}

	/** Nothing more will come. */
	end(): void {
		this.#window.advance(Number.POSITIVE_INFINITY);
		this.#steps.end();
	}
}
