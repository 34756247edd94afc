import { lossCauses } from '@ingero/contract/enums';
import type { StepVerdict } from '@ingero/infer-baseline';
import type { SourceClock } from '@ingero/steps';
import { Store, type StoreOptions } from '@ingero/store';
import type { OpenedSource, SessionOutput } from './session-output';

/** Keeps steps, outliers and admitted events in SQLite. */
export class StoreOutput implements SessionOutput {
	readonly #store: Store;
	#clock: SourceClock | undefined;

	static async open(options: StoreOptions): Promise<StoreOutput> {
		return new StoreOutput(await Store.open(options));
	}

	private constructor(store: Store) {
		this.#store = store;
	}

	get path(): string {
		return this.#store.path;
	}

	opened({ clock }: OpenedSource): void {
		this.#clock = clock;
	}

	step(step: StepVerdict): void {
		const clock = this.#clock as SourceClock;
		const stepId = this.#store.appendSteps([
			{
				pid: step.pid,
				tid: step.tid,
				cgroupPathHash: step.cgroupPathHash,
				streamHandle: step.streamHandle,
				phase: step.phase,
				startNs: Number(clock.absolute(step.startNs)),
				endNs: Number(clock.absolute(step.endNs)),
				stepDurationNs: step.durationNs,
				launchCount: step.launches,
				graphLaunchCount: step.graphLaunches,
				gridBlocks: step.gridBlocks,
				memcpyBytes: step.memcpyBytes,
				bucket: step.bucket,
				ratio: step.ratio,
				baselineP95Ns: step.baselineP95Ns,
				warmed: step.warmed,
			},
		]);
		if (step.outlier === undefined) return;
		this.#store.appendOutliers([
			{
				eventId: step.outlier.eventId,
				stepId,
				baselineMeanNs: step.baselineMeanNs,
				throttleReasons: step.outlier.throttleReasons,
			},
		]);
	}

	events(words: Uint32Array): void {
		this.#store.appendEvents(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
	}

	close(): Promise<void> {
		return this.#store.close();
	}

	losses(): Readonly<Record<string, number>> {
		const { steps, outliers, events } = this.#store.counters();
		const items = [steps, outliers, events];
		return {
			[lossCauses.storeQueueFull.name]: items.reduce((sum, item) => sum + item.queueFull, 0),
			[lossCauses.writeError.name]: items.reduce((sum, item) => sum + item.writeError, 0),
		};
	}
}
