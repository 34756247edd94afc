import type { LossRow } from '../accounting/losses';
import { type BaselineShiftRow, type OutlierRow, pushOutlier, pushShift, pushStep, type StepRow } from '../rows';
import type { Batch, RowCounts, SqlValue } from '../worker/protocol';
import { EventQueue } from './event-queue';

/** The rows of the next transaction. */
export class PendingBatch {
	readonly #events = new EventQueue();
	#steps: SqlValue[] = [];
	#outliers: SqlValue[] = [];
	#shifts: SqlValue[] = [];
	#stepCount = 0;
	#outlierCount = 0;
	#shiftCount = 0;

	get rows(): number {
		return this.#stepCount + this.#outlierCount + this.#shiftCount + this.#events.count;
	}

	addStep(stepId: number, row: StepRow): void {
		pushStep(this.#steps, stepId, row);
		this.#stepCount++;
	}

	addOutlier(row: OutlierRow): void {
		pushOutlier(this.#outliers, row);
		this.#outlierCount++;
	}

	addShift(row: BaselineShiftRow): void {
		pushShift(this.#shifts, row);
		this.#shiftCount++;
	}

	addEvents(records: Uint8Array): void {
		this.#events.append(records);
	}

	/** Hands over everything, with its size, and starts anew. */
	take(losses: readonly LossRow[]): { readonly batch: Batch; readonly counts: RowCounts } {
		const counts = {
			steps: this.#stepCount,
			outliers: this.#outlierCount,
			shifts: this.#shiftCount,
			events: this.#events.count,
		};
		const batch = {
			steps: this.#steps,
			outliers: this.#outliers,
			shifts: this.#shifts,
			events: this.#events.take(),
			losses,
		};
		this.#steps = [];
		this.#outliers = [];
		this.#shifts = [];
		this.#stepCount = 0;
		this.#outlierCount = 0;
		this.#shiftCount = 0;
		return { batch, counts };
	}

	/** Takes back the event buffers of a batch that is settled. */
	recycle(buffers: readonly ArrayBuffer[]): void {
		this.#events.recycle(buffers);
	}
}
