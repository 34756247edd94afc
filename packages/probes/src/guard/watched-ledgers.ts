import type { WatchedTimes } from './watched-times';

/** Threads whose last ledger is remembered; beyond, all are forgotten, and their next ledgers count as watched. */
const CAPACITY = 16_384;

/** Tells of ledgers whether the launches that belong on them were watched: since their thread's ledgers before. */
export class WatchedLedgers {
	readonly #times: WatchedTimes;
	/** By thread: when its latest ledgers were shipped, and the ones before. */
	readonly #shipped = new Map<number, { fromNs: number; atNs: number }>();

	constructor(times: WatchedTimes) {
		this.#times = times;
	}

	/** @param tNs when the ledger was shipped; several of one thread may have the same time */
	wasWatched(tid: number, tNs: number): boolean {
		const known = this.#shipped.get(tid);
		if (known === undefined) {
			if (this.#shipped.size >= CAPACITY) this.#shipped.clear();
			this.#shipped.set(tid, { fromNs: tNs, atNs: tNs });
			return this.#times.covers(tNs, tNs);
		}
		if (tNs !== known.atNs) {
			known.fromNs = known.atNs;
			known.atNs = tNs;
		}
		return this.#times.covers(known.fromNs, tNs);
	}
}
