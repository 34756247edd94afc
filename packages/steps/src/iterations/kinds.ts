import type { CompletedLedger } from '../completed-ledger';
import { Habit } from './habit';
import type { Runs } from './runs';

/** Kinds remembered per thread. */
const MAX_KINDS = 16;
/**
 * How many times its launches the pass has that a companion comes with. A sampler or a test has up to 20 launches, the
 * smallest models some 60. Prefill and decode of one model, launched kernel by kernel, are within 1.3.
 */
export const PASS_SIZE = 3;

/** Pieces that end in the same function and none of which is a pass that another one could be the companion of. */
export class Kind {
	count = 0;
	/** Number of its latest piece among all. */
	latest = 0;
	/** A much larger piece follows, at once or after companions: these are companions. */
	readonly followedByPass: Habit = new Habit();
	/** A companion follows; of those that did, the one that came after different kinds most often. */
	readonly followedByCompanion: Habit = new Habit();
	companion: Kind | undefined;
	runs: Runs | undefined;
	/** Some were several pieces, an iteration by themselves: neither a companion nor a draft. */
	isJoined = false;
	/** How often one came after another kind than the one before it did. Those that come after their own say nothing. */
	changes = 0;
	#after: Kind | undefined;

	constructor(
		readonly lastFunction: number,
		/** Launches and collectives of the first one. */
		readonly size: number,
		readonly isGraph: boolean,
	) {}

	/** What it holds of other kinds, which would keep all there ever were. */
	forget(): void {
		this.companion = undefined;
		this.runs = undefined;
		this.#after = undefined;
	}

	/** Nothing but its own is expected. */
	get isMonotonous(): boolean {
		return this.followedByPass.isRuledOut && this.followedByCompanion.isRuledOut;
	}

	comesAfter(previous: Kind | undefined): void {
		if (previous === this) return;
		if (this.count > 1 && previous !== this.#after) this.changes += 1;
		this.#after = previous;
	}

	/** `companion` is undefined where no companion follows. */
	isFollowedBy(companion: Kind | undefined): void {
		this.followedByCompanion.seen(companion !== undefined);
		if (companion !== undefined && companion.changes >= (this.companion?.changes ?? 0)) this.companion = companion;
	}
}

/** The kinds of pieces of one thread. The one that was not seen for longest makes room for a new one. */
export class Kinds {
	readonly #kinds: Kind[] = [];
	#latest: Kind | undefined;
	#pieces = 0;

	of(piece: CompletedLedger): Kind {
		const size = piece.launches + piece.ncclCalls;
		let kind = this.#latest;
		if (kind === undefined || !isOf(kind, piece, size)) {
			kind = this.#find(piece, size);
			this.#latest = kind;
		}
		this.#pieces += 1;
		kind.count += 1;
		kind.latest = this.#pieces;
		return kind;
	}

	/** Size of the largest kind that came more than once: what is done once is a capture or a warm-up. */
	get largest(): number {
		let largest = 0;
		for (const { count, size } of this.#kinds) if (count > 1 && size > largest) largest = size;
		return largest;
	}

	#find(piece: CompletedLedger, size: number): Kind {
		for (const kind of this.#kinds) if (isOf(kind, piece, size)) return kind;
		const kind = new Kind(piece.lastFunction, size, piece.graphLaunches > 0);
		if (this.#kinds.length === MAX_KINDS) {
			let oldest = 0;
			for (let i = 1; i < MAX_KINDS; i++) {
				if ((this.#kinds[i] as Kind).latest < (this.#kinds[oldest] as Kind).latest) oldest = i;
			}
			this.#kinds[oldest]?.forget();
			this.#kinds[oldest] = kind;
		} else {
			this.#kinds.push(kind);
		}
		return kind;
	}
}

function isOf({ lastFunction, size: known, isGraph }: Kind, piece: CompletedLedger, size: number): boolean {
	return (
		lastFunction === piece.lastFunction &&
		isGraph === piece.graphLaunches > 0 &&
		(size === known || (size < PASS_SIZE * known && known < PASS_SIZE * size))
	);
}
