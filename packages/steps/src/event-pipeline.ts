import type { SourceClock } from './clock';
import type { CompletedLedger } from './completed-ledger';
import { OP, PID, RECORD_WORDS, TID } from './event-record';
import { type BuilderCounters, LedgerBuilder } from './ledger-builder';
import type { OperationTable } from './operations';
import type { ReadBackCounters } from './read-back-queue';
import { ReorderWindow } from './reorder-window';
import { StepAssembler } from './step-assembler';

/** As the live probes: a record may come this late and still find its place. */
const WINDOW_NS = 10_000_000;

/**
 * From raw events to completed ledgers: reorder window, builder, assembler. What a replay runs, and what an
 * embedder feeds with events of its own.
 */
export class EventPipeline {
	readonly #window: ReorderWindow;
	readonly #builder: LedgerBuilder;
	readonly #steps: StepAssembler;

	constructor(options: {
		readonly table: OperationTable;
		readonly clock: SourceClock;
		readonly onCompleted: (ledger: CompletedLedger) => void;
		readonly onProcessExited?: (pid: number) => void;
		/** A call that takes or gives back device memory, in order with the completed ledgers; valid during the call. */
		readonly onMemoryCall?: ((words: Uint32Array, at: number, tNs: number) => void) | undefined;
		/** A call that makes, describes or ends a NCCL communicator or a CUDA graph, likewise. */
		readonly onHandleCall?: ((words: Uint32Array, at: number, tNs: number) => void) | undefined;
	}) {
		const { table, onMemoryCall, onHandleCall } = options;
		this.#steps = new StepAssembler({
			seesEveryEventRecord: table.seesEveryEventRecord,
			onCompleted: options.onCompleted,
			onProcessExited: options.onProcessExited,
		});
		const builder = new LedgerBuilder(table, options.clock, this.#steps);
		this.#builder = builder;
		this.#window = new ReorderWindow({
			windowNs: WINDOW_NS,
			clock: options.clock,
			release: (words, at, tNs) => {
				const op = words[at + OP] as number;
				if (onMemoryCall !== undefined && table.tellsMemory(op)) {
					this.#steps.called(words[at + PID] as number, words[at + TID] as number);
					onMemoryCall(words, at, tNs);
				} else if (onHandleCall !== undefined && table.tellsHandles(op)) {
					onHandleCall(words, at, tNs);
				}
				builder.event(words, at, tNs);
			},
		});
	}

	get counters(): BuilderCounters & ReadBackCounters & { late: number } {
		return { ...this.#builder.counters, ...this.#steps.counters, late: this.#window.counters.late };
	}

	/**
	 * Takes `count` records of 12 little-endian words; order within the window is mended.
	 *
	 * @throws TypeError when `words` is shorter than that
	 */
	push(words: Uint32Array, count: number): void {
		if (words.length < count * RECORD_WORDS) {
			throw new TypeError(`words: ${words.length} words are fewer than count ${count} times ${RECORD_WORDS}`);
		}
		let newestNs = Number.NEGATIVE_INFINITY;
		for (let i = 0; i < count; i++) {
			newestNs = Math.max(newestNs, this.#window.push(words, i * RECORD_WORDS, RECORD_WORDS));
		}
		this.#window.advance(newestNs);
	}

	/** Releases what the window and unfinished iterations still hold. */
	end(): void {
		this.#window.advance(Number.POSITIVE_INFINITY);
		this.#steps.end();
	}
}
