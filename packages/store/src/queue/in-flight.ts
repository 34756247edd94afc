import type { RowCounts } from '../worker/protocol';

/** The batches that were posted and are not settled yet. They settle in the order in which they were posted. */
export class InFlight {
	readonly #batches: RowCounts[] = [];
	readonly #waiting: { readonly last: RowCounts; readonly resolve: () => void }[] = [];

	add(counts: RowCounts): void {
		this.#batches.push(counts);
	}

	/** Size of the batch that settles next. */
	get oldest(): RowCounts | undefined {
		return this.#batches[0];
	}

	/** The oldest batch is committed or lost. */
	settle(): void {
		const counts = this.#batches.shift();
		while (this.#waiting[0] !== undefined && this.#waiting[0].last === counts) {
			this.#waiting.shift()?.resolve();
		}
	}

	/** Resolves when every batch posted so far is settled. */
	async settled(): Promise<void> {
		const last = this.#batches.at(-1);
		if (last !== undefined) {
			await new Promise<void>((resolve) => this.#waiting.push({ last, resolve }));
		}
	}
}
