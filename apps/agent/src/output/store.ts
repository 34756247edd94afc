import type { Explanation } from '@ingero/causes';
import { lossCauses } from '@ingero/contract/enums';
import type { StepVerdict } from '@ingero/infer-baseline';
import type { LossLedger, SourceClock } from '@ingero/steps';
import { Store, type StoreOptions } from '@ingero/store';
import type { Rollover } from '../config/database';
import { messageOf } from '../errors';
import { databaseBytes, putAside } from './rolled-files';
import type { OpenedSource, SessionOutput } from './session-output';
import { StoredEvents } from './stored-events';

/** A quarter of what the store queues by default; a replay brings a twelfth of it at a time. */
const DRAIN_EVENTS = 65_536;

/** Keeps steps, outliers and admitted events in SQLite, in a new file whenever the present one is large. */
export class StoreOutput implements SessionOutput {
	readonly #options: StoreOptions;
	readonly #rollover: Rollover | undefined;
	readonly #pipelineLosses: () => LossLedger;
	#store: Store;
	#clock: SourceClock | undefined;
	#storedEvents: StoredEvents | undefined;
	/** While files change places, rows wait here in order. */
	#held: ((store: Store) => void)[] | undefined;
	#rolling: Promise<void> | undefined;
	#lostBefore = { queueFull: 0, writeError: 0 };

	/** @param session.pipelineLosses what became of everything before it came here; kept with the session */
	static async open(
		options: StoreOptions,
		session: { readonly rollover: Rollover | undefined; readonly pipelineLosses: () => LossLedger },
	): Promise<StoreOutput> {
		return new StoreOutput(await Store.open(options), options, session);
	}

	private constructor(
		store: Store,
		options: StoreOptions,
		session: { readonly rollover: Rollover | undefined; readonly pipelineLosses: () => LossLedger },
	) {
		this.#store = store;
		this.#options = options;
		this.#rollover = session.rollover;
		this.#pipelineLosses = session.pipelineLosses;
	}

	opened({ clock, operations }: OpenedSource): void {
		this.#clock = clock;
		this.#storedEvents = new StoredEvents(operations);
	}

	step(step: StepVerdict, explanation?: Explanation): void {
		this.#append((store) => {
			const stepId = store.appendSteps([stepRow(step, this.#clock as SourceClock)]);
			const { outlier, shift, baselineMeanNs } = step;
			if (outlier !== undefined) {
				const { eventId, throttleReasons } = outlier;
				store.appendOutliers([{ eventId, stepId, baselineMeanNs, throttleReasons, cause: explanation?.cause }]);
			}
			if (shift !== undefined) {
				const { eventId, reason, fromP95Ns, toP95Ns, samples } = shift;
				store.appendShifts([{ eventId, stepId, reason, oldP95Ns: fromP95Ns, newP95Ns: toP95Ns, samples }]);
			}
		});
	}

	events(words: Uint32Array, count: number): void {
		const { buffer, byteOffset, byteLength } = this.#storedEvents?.select(words, count) ?? words;
		if (byteLength === 0) return;
		const bytes = new Uint8Array(buffer, byteOffset, byteLength);
		// Rows that must wait outlive the batch.
		const kept = this.#held === undefined ? bytes : bytes.slice();
		this.#append((store) => store.appendEvents(kept));
	}

	tick(): void {
		if (this.#held === undefined) this.#recordLosses();
		if (this.#rollover === undefined || this.#rolling !== undefined) return;
		if (databaseBytes(this.#store.path) < this.#rollover.maxBytes) return;
		this.#rolling = this.#roll(this.#rollover.keep).finally(() => {
			this.#rolling = undefined;
		});
	}

	/** A replay is faster than a disk: it waits before the queue is full. */
	async drained(): Promise<void> {
		await this.#rolling;
		if (this.#store.counters().events.queued >= DRAIN_EVENTS) await this.#store.flush();
	}

	async close(): Promise<void> {
		await this.#rolling;
		this.#recordLosses();
		await this.#store.close();
	}

	losses(): Readonly<Record<string, number>> {
		const { queueFull, writeError } = lostRows(this.#store);
		return {
			[lossCauses.storeQueueFull.name]: this.#lostBefore.queueFull + queueFull,
			[lossCauses.writeError.name]: this.#lostBefore.writeError + writeError,
		};
	}

	#recordLosses(): void {
		const losses = this.#pipelineLosses();
		this.#store.recordLosses('pipeline', 'calls', losses);
		this.#store.recordLosses('pipeline', 'ledgers', losses.ledgers);
		for (const [item, { delivered, sampledOut }] of Object.entries(this.#storedEvents?.choices ?? {})) {
			if (delivered + sampledOut > 0)
				this.#store.recordLosses('selection', item, { delivered, sampledOut, dropped: {} });
		}
	}

	#append(row: (store: Store) => void): void {
		if (this.#held === undefined) row(this.#store);
		else this.#held.push(row);
	}

	/** When the old file cannot be put aside it is opened again; when none can be opened, rows are counted as lost. */
	async #roll(keep: number): Promise<void> {
		this.#held = [];
		const { path } = this.#store;
		await this.#store.close();
		try {
			putAside(path, keep, new Date());
		} catch (error) {
			process.stderr.write(`ingero: ${path} could not be put aside, it grows on: ${messageOf(error)}\n`);
		}
		try {
			const next = await Store.open(this.#options);
			// What the old store lost counts from now on here; while it stays, it counts there.
			const { queueFull, writeError } = lostRows(this.#store);
			this.#lostBefore = {
				queueFull: this.#lostBefore.queueFull + queueFull,
				writeError: this.#lostBefore.writeError + writeError,
			};
			this.#store = next;
		} catch (error) {
			process.stderr.write(`ingero: no database is kept from here on: ${messageOf(error)}\n`);
		}
		const held = this.#held;
		this.#held = undefined;
		for (const row of held) row(this.#store);
	}
}

function lostRows(store: Store): { queueFull: number; writeError: number } {
	const items = Object.values(store.counters());
	return {
		queueFull: items.reduce((sum, item) => sum + item.queueFull, 0),
		writeError: items.reduce((sum, item) => sum + item.writeError, 0),
	};
}

function stepRow(step: StepVerdict, clock: SourceClock): Parameters<Store['appendSteps']>[0][number] {
	return {
		pid: step.pid,
		tid: step.tid,
		cgroupPathHash: step.cgroupPathHash,
		streamHandle: step.streamHandle,
		phase: step.phase,
		phaseEvidence: step.phaseEvidence,
		startNs: clock.absolute(step.startNs),
		endNs: clock.absolute(step.endNs),
		stepDurationNs: step.durationNs,
		launchCount: step.launches,
		graphLaunchCount: step.graphLaunches,
		gridBlocks: step.gridBlocks,
		memcpyBytes: step.memcpyBytes,
		bucket: step.bucket,
		ratio: step.ratio,
		expectedNs: step.expectedNs,
		thresholdNs: step.thresholdNs,
		baselineP95Ns: step.baselineP95Ns,
		warmed: step.warmed,
	};
}
