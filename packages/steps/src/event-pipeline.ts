import type { SourceClock } from './clock';
import type { CompletedLedger } from './completed-ledger';
import { type BuilderCounters, LedgerBuilder } from './ledger-builder';
import type { OperationTable } from './operations';
import { type ReadBackCounters, ReadBackQueue } from './read-back-queue';
import { ReorderWindow } from './reorder-window';

const RECORD_WORDS = 12;
/** As the live probes: a record may come this late and still find its place. */
const WINDOW_NS = 10_000_000;

/**
 * From raw events to completed ledgers: reorder window, builder, read-back queue. What a replay runs, and what an
 * embedder feeds with events of its own.
 */
export class EventPipeline {
	readonly #window: ReorderWindow;
	readonly #builder: LedgerBuilder;
	readonly #queue: ReadBackQueue;
	readonly #clock: SourceClock;

	constructor(options: {
		readonly table: OperationTable;
		readonly clock: SourceClock;
		readonly onCompleted: (ledger: CompletedLedger) => void;
		readonly onProcessExited?: (pid: number) => void;
	}) {
		this.#clock = options.clock;
		this.#queue = new ReadBackQueue({
			seesEveryEventRecord: options.table.seesEveryEventRecord,
			onCompleted: options.onCompleted,
			onProcessExited: options.onProcessExited,
		});
		const builder = new LedgerBuilder(options.table, options.clock, this.#queue);
		this.#builder = builder;
		this.#window = new ReorderWindow({
			windowNs: WINDOW_NS,
			relative: (low, high) => options.clock.relative(low, high),
			release: (words, at) => builder.event(words, at),
		});
	}

	get counters(): BuilderCounters & ReadBackCounters & { late: number } {
		return { ...this.#builder.counters, ...this.#queue.counters, late: this.#window.counters.late };
	}

	/** Takes `count` records of 12 little-endian words; order within the window is mended. */
	push(words: Uint32Array, count: number): void {
		let newestNs = Number.NEGATIVE_INFINITY;
		for (let i = 0; i < count; i++) {
			const at = i * RECORD_WORDS;
			newestNs = Math.max(newestNs, this.#clock.relative(words[at] as number, words[at + 1] as number));
			this.#window.push(words, at, RECORD_WORDS);
		}
		this.#window.advance(newestNs);
	}

	/** Releases what the window still holds. */
	end(): void {
		this.#window.advance(Number.POSITIVE_INFINITY);
	}
}
