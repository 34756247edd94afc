import { Ledger, type StoreCounters, type StoreItem, storeItems } from './accounting/counters';
import { type LossRow, type LossTally, lossRows } from './accounting/losses';
import { StoreError } from './errors/store-error';
import { EVENT_RECORD_BYTES } from './event-record';
import { type ResolvedOptions, resolveOptions, type StoreOptions } from './options';
import { InFlight } from './queue/in-flight';
import { PendingBatch } from './queue/pending-batch';
import type { BaselineShiftRow, OutlierRow, StepRow } from './rows';
import type { Ack, RowCounts } from './worker/protocol';
import { WriterThread } from './worker/writer-thread';

/**
 * One session's rows on their way to an SQLite file.
 *
 * Appending never blocks and never throws for want of space: rows go to a worker thread in batches of one transaction
 * each, and what can't be kept is counted. Of every kind of row, `appended = written + queued + losses`.
 */
export class Store implements AsyncDisposable {
	readonly path: string;
	/** `sessions.id` of this run. */
	readonly sessionId: number;

	readonly #options: ResolvedOptions;
	readonly #writer: WriterThread;
	readonly #ledger = new Ledger();
	readonly #losses = new Map<string, readonly LossRow[]>();
	readonly #pending = new PendingBatch();
	readonly #inFlight = new InFlight();
	#nextStepId = 1;
	#lossesChanged = false;
	#timer: NodeJS.Timeout | undefined;
	/** Code of the failure that lasts, so that it is told once. */
	#failing: string | undefined;
	#stopped = false;
	#closing: Promise<void> | undefined;

	/**
	 * Opens or makes the file and begins a session in it.
	 *
	 * @throws TypeError for a wrong option
	 * @throws StoreError when the file can't be written to, is of another program or of a newer schema, or is damaged;
	 * such a file is left as it was
	 */
	static async open(options: StoreOptions): Promise<Store> {
		const resolved = resolveOptions(options, new URL('./writer.js', import.meta.url));
		const { path, session, operations, busyTimeoutMs } = resolved;
		const writer = await WriterThread.start(resolved.workerUrl, { path, session, operations, busyTimeoutMs });
		return new Store(resolved, writer);
	}

	private constructor(options: ResolvedOptions, writer: WriterThread) {
		this.#options = options;
		this.#writer = writer;
		this.path = options.path;
		this.sessionId = writer.sessionId;
		writer.listen({
			onAck: (ack) => this.#settle(ack),
			onLost: (error) => this.#stop(error),
		});
	}

	/**
	 * Appends steps. They are numbered one after the other, those that get lost included, so that a gap in the table
	 * shows where.
	 *
	 * @returns the number of the first of `rows`; an outlier names its step by it
	 */
	appendSteps(rows: readonly StepRow[]): number {
		const first = this.#nextStepId;
		this.#nextStepId += rows.length;
		const accepted = this.#admit('steps', rows.length, this.#options.maxQueuedSteps);
		for (const [index, row] of rows.slice(0, accepted).entries()) {
			this.#pending.addStep(first + index, row);
		}
		this.#schedule();
		return first;
	}

	appendOutliers(rows: readonly OutlierRow[]): void {
		const accepted = this.#admit('outliers', rows.length, this.#options.maxQueuedSteps);
		for (const row of rows.slice(0, accepted)) {
			this.#pending.addOutlier(row);
		}
		this.#schedule();
	}

	appendShifts(rows: readonly BaselineShiftRow[]): void {
		const accepted = this.#admit('shifts', rows.length, this.#options.maxQueuedSteps);
		for (const row of rows.slice(0, accepted)) {
			this.#pending.addShift(row);
		}
		this.#schedule();
	}

	/**
	 * Appends raw events: 48-byte records of the `.igr` format on the source's clock. The bytes are copied.
	 *
	 * @throws TypeError when the length is no multiple of 48
	 */
	appendEvents(records: Uint8Array): void {
		if (records.length % EVENT_RECORD_BYTES !== 0) {
			throw new TypeError(`records must be whole records of ${EVENT_RECORD_BYTES} bytes, got ${records.length} bytes`);
		}
		const accepted = this.#admit('events', records.length / EVENT_RECORD_BYTES, this.#options.maxQueuedEvents);
		this.#pending.addEvents(records.subarray(0, accepted * EVENT_RECORD_BYTES));
		this.#schedule();
	}

	/**
	 * Records what became of everything that another hop of the pipeline has seen since the session began. The counts
	 * replace those of the last call for the same hop and item.
	 *
	 * @param hop where: `pipeline`, `exporter`, ...
	 * @param item what: `events`, `ledgers`, ...
	 */
	recordLosses(hop: string, item: string, tally: LossTally): void {
		this.#losses.set(JSON.stringify([hop, item]), lossRows(hop, item, tally));
		this.#lossesChanged = true;
		this.#schedule();
	}

	/** Waits until everything appended so far is either committed or counted as lost. Never rejects. */
	async flush(): Promise<void> {
		this.#post();
		await this.#inFlight.settled();
	}

	counters(): StoreCounters {
		return this.#ledger.snapshot();
	}

	/**
	 * Writes what is queued, stamps the session's end, folds the write-ahead log into the file and ends the thread.
	 * Never rejects: a failure goes to `onError` and into the counters. Calling it again waits for the same end.
	 */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	async #close(): Promise<void> {
		await this.flush();
		if (this.#stopped) {
			return;
		}
		this.#stopped = true;
		const error = await this.#writer.close(this.#allLosses());
		if (error !== undefined) {
			this.#report(error);
		}
	}

	/** @returns how many of `rows` there is room for; the others are counted as lost */
	#admit(item: StoreItem, rows: number, capacity: number): number {
		if (this.#stopped || this.#closing !== undefined) {
			this.#ledger.lose(item, 'writeError', rows);
			return 0;
		}
		const accepted = Math.min(rows, capacity - this.#ledger.queued(item));
		this.#ledger.accept(item, accepted);
		if (accepted < rows) {
			this.#ledger.lose(item, 'queueFull', rows - accepted);
			this.#lossesChanged = true;
		}
		return accepted;
	}

	#schedule(): void {
		if (this.#pending.rows >= this.#options.batchRows) {
			this.#post();
		} else if (this.#pending.rows > 0 || this.#lossesChanged) {
			this.#timer ??= setTimeout(() => this.#post(), this.#options.batchIntervalMs);
		}
	}

	#post(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#stopped || (this.#pending.rows === 0 && !this.#lossesChanged)) {
			return;
		}
		const { batch, counts } = this.#pending.take(this.#lossesChanged ? this.#allLosses() : []);
		this.#lossesChanged = false;
		this.#inFlight.add(counts);
		this.#writer.write(batch);
	}

	#settle(ack: Ack): void {
		this.#pending.recycle(ack.buffers);
		const error = ack.error && new StoreError(ack.error);
		// The counters first, so that whoever waits for the batch sees them right.
		this.#account(this.#inFlight.oldest, ack.failed);
		this.#inFlight.settle();
		if (error === undefined) {
			this.#failing = undefined;
		} else {
			this.#lossesChanged = true;
			if (ack.stopped) {
				this.#stop(error);
			} else {
				this.#report(error);
			}
		}
	}

	/** No row will reach the file any more: whatever is on the way counts as failed. */
	#stop(error: StoreError): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		this.#inFlight.add(this.#pending.take([]).counts);
		for (let rows = this.#inFlight.oldest; rows !== undefined; rows = this.#inFlight.oldest) {
			this.#account(rows, rows);
			this.#inFlight.settle();
		}
		this.#report(error);
	}

	#account(rows: RowCounts | undefined, failed: RowCounts): void {
		for (const item of storeItems) {
			this.#ledger.settle(item, rows?.[item] ?? 0, failed[item]);
		}
	}

	#report(error: StoreError): void {
		if (this.#failing !== error.code) {
			this.#failing = error.code;
			this.#options.onError(error);
		}
	}

	#allLosses(): LossRow[] {
		return [...this.#losses.values(), this.#ledger.losses()].flat();
	}
}
