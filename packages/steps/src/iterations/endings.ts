import type { CompletedLedger } from '../completed-ledger';
import { Interval, MIN_LAYERS } from './interval';

/** Functions remembered per thread; an eager mixture of experts in prefill and decode has ten. */
const MAX_ENDINGS = 24;
/** The first iteration of a thread has at most so many pieces, or is none to learn from. */
const MAX_FIRST_PIECES = 4096;

/** The pieces that end in one function. */
export interface Ending {
	readonly place: number;
	lastFunction: number;
	count: number;
	/** Numbers of the latest one among all pieces and of the one before that; 0 for none. */
	latest: number;
	secondLatest: number;
	mostLaunches: number;
	/** What came after the latest one; what the latest one came after, and how often it was another one than before. */
	next: Ending | undefined;
	after: Ending | undefined;
	changes: number;
	/** Most pieces there were between two of them. */
	widestGap: number;
	readonly interval: Interval;
}

/** The pieces of a thread by the function they end in. The one that was not seen for longest makes room for a new one. */
export class Endings {
	/** Of the latest piece. */
	latest: Ending | undefined;
	/** How many of the latest kind came in a row. */
	run = 0;
	/** How many there were: the number of the latest one. */
	pieces = 0;
	readonly #endings: Ending[] = [];
	/** Pieces between the latest one and the one of its kind before. */
	#gap = 0;
	/** Intervals that are open, but for the first. */
	#open = 0;
	/** Since the thread's first piece: the first iteration has no last piece before it. */
	readonly #first = new Interval(MAX_ENDINGS);

	constructor() {
		this.#first.open([]);
	}

	count(piece: CompletedLedger): Ending {
		this.pieces += 1;
		const previous = this.latest;
		let ending = previous;
		if (ending?.lastFunction === piece.lastFunction) {
			this.run += 1;
			this.#gap = 0;
		} else {
			ending = this.#find(piece.lastFunction);
			this.latest = ending;
			this.run = 1;
			this.#gap = ending.latest === 0 ? Number.POSITIVE_INFINITY : this.pieces - ending.latest - 1;
			if (ending.latest !== 0 && this.#gap > ending.widestGap) ending.widestGap = this.#gap;
		}
		if (previous !== undefined) previous.next = ending;
		if (ending.latest !== 0 && ending.after !== previous) ending.changes += 1;
		ending.after = previous;
		ending.count += 1;
		ending.secondLatest = ending.latest;
		ending.latest = this.pieces;
		if (piece.launches > ending.mostLaunches) ending.mostLaunches = piece.launches;
		return ending;
	}

	/**
	 * Judges the kind of the piece counted last.
	 *
	 * @returns whether it comes once an iteration of a layer loop
	 */
	learn(piece: CompletedLedger): boolean {
		const ending = this.latest as Ending;
		if (this.#open > 0) this.#addToOthers(ending, piece);
		const { interval } = ending;
		if (this.#first.isOpen) {
			if (ending.secondLatest === 0) this.#openFirst(interval);
			if (!this.#first.add(piece, this.run) || this.pieces > MAX_FIRST_PIECES) this.#first.drop();
		}
		if (this.#gap < MIN_LAYERS) {
			if (interval.isOpen) this.#drop(interval);
			return false;
		}
		const isOnce = interval.isOpen && interval.close(piece, this.#endings);
		if (!interval.isOpen) this.#open += 1;
		interval.open(this.#endings);
		return isOnce;
	}

	/** For when pieces were not learnt from. */
	forgetIntervals(): void {
		for (const { interval } of this.#endings) interval.drop();
		this.#open = 0;
	}

	#openFirst(interval: Interval): void {
		interval.copy(this.#first);
		this.#open += 1;
	}

	#addToOthers(ending: Ending, piece: CompletedLedger): void {
		for (const other of this.#endings) {
			if (!other.interval.isOpen || other === ending) continue;
			if (!other.interval.add(piece, this.run)) this.#drop(other.interval);
		}
	}

	#drop(interval: Interval): void {
		interval.drop();
		this.#open -= 1;
	}

	#find(lastFunction: number): Ending {
		for (const ending of this.#endings) if (ending.lastFunction === lastFunction) return ending;
		if (this.#endings.length < MAX_ENDINGS) {
			const ending = {
				place: this.#endings.length,
				lastFunction,
				count: 0,
				latest: 0,
				secondLatest: 0,
				next: undefined,
				after: undefined,
				changes: 0,
				mostLaunches: 0,
				widestGap: 0,
				interval: new Interval(MAX_ENDINGS),
			};
			this.#endings.push(ending);
			return ending;
		}
		// Its count goes on, so that differences of counts stay what they are.
		const oldest = this.#endings.reduce((a, b) => (b.latest < a.latest ? b : a));
		oldest.lastFunction = lastFunction;
		oldest.latest = 0;
		oldest.secondLatest = 0;
		oldest.next = undefined;
		oldest.after = undefined;
		oldest.changes = 0;
		oldest.mostLaunches = 0;
		oldest.widestGap = 0;
		if (oldest.interval.isOpen) this.#drop(oldest.interval);
		return oldest;
	}
}
