import type { SourceClock } from './clock';
import type { CompletedLedger } from './completed-ledger';
import { RECORD_WORDS } from './event-record';
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
	}) {
		this.#steps = new StepAssembler({
			seesEveryEventRecord: options.table.seesEveryEventRecord,
			onCompleted: options.onCompleted,
			onProcessExited: options.onProcessExited,
		});
		const builder = new LedgerBuilder(options.table, options.clock, this.#steps);
		this.#builder = builder;
		this.#window = new ReorderWindow({
			windowNs: WINDOW_NS,
			relative: (low, high) => options.clock.relative(low, high),
			release: (words, at, tNs) => builder.event(words, at, tNs),
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

	/** Releases what the window still holds. */
	end(): void {
		this.#window.advance(Number.POSITIVE_INFINITY);
	}
}
