import { lossCauses } from '@ingero/contract/enums';
import type { RowCounts } from '../worker/protocol';
import { type LossRow, lossRows } from './losses';

export type StoreItem = keyof RowCounts;

export const storeItems: readonly StoreItem[] = ['steps', 'outliers', 'shifts', 'events'];

/** Of one kind of row: `appended = written + queued + queueFull + writeError`, at every moment. */
export interface ItemCounters {
	readonly appended: number;
	/** Committed. */
	readonly written: number;
	/** On the way to the file. */
	readonly queued: number;
	/** Lost as `store_queue_full`: the queue to the writer had no room. */
	readonly queueFull: number;
	/** Lost as `write_error`: the row was refused, its transaction failed, or the store was closed or had stopped. */
	readonly writeError: number;
}

export type StoreCounters = Readonly<Record<StoreItem, ItemCounters>>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Ledger {
	readonly #items: Record<StoreItem, Mutable<ItemCounters>> = {
		steps: zero(),
		outliers: zero(),
		shifts: zero(),
		events: zero(),
	};

	accept(item: StoreItem, rows: number): void {
		this.#items[item].appended += rows;
		this.#items[item].queued += rows;
	}

	lose(item: StoreItem, cause: 'queueFull' | 'writeError', rows: number): void {
		this.#items[item].appended += rows;
		this.#items[item][cause] += rows;
	}

	/** Rows of a batch left the queue; `failed` of them are not in the file. */
	settle(item: StoreItem, rows: number, failed: number): void {
		this.#items[item].queued -= rows;
		this.#items[item].written += rows - failed;
		this.#items[item].writeError += failed;
	}

	queued(item: StoreItem): number {
		return this.#items[item].queued;
	}

	snapshot(): StoreCounters {
		const { steps, outliers, shifts, events } = this.#items;
		return { steps: { ...steps }, outliers: { ...outliers }, shifts: { ...shifts }, events: { ...events } };
	}

	/** The store's own fates in the shape of every other hop's. */
	losses(): LossRow[] {
		return storeItems.flatMap((item) => {
			const { written, queueFull, writeError } = this.#items[item];
			const dropped = { [lossCauses.storeQueueFull.name]: queueFull, [lossCauses.writeError.name]: writeError };
			return lossRows('store', item, { delivered: written, dropped });
		});
	}
}

function zero(): Mutable<ItemCounters> {
	return { appended: 0, written: 0, queued: 0, queueFull: 0, writeError: 0 };
}
