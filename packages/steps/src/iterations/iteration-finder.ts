import type { CompletedLedger } from '../completed-ledger';
import { PerThread } from '../per-thread';
import { Companions } from './companions';
import { Drafts } from './drafts';
import { Joiner } from './joiner';
import { LayerLoop } from './layer-loop';

/**
 * From the pieces between read-backs to steps: an engine iteration that reads back several times comes out as one. See
 * {@link LayerLoop}, {@link Companions} and {@link Drafts} for what it knows. Each piece is in exactly one step, with all it counted.
 *
 * A step is told when its last piece comes. Until a pattern was seen two or three times, its pieces are told as they
 * come; where one breaks, what was held for it is told with the next piece, or at the end.
 */
export class IterationFinder {
	readonly #threads: PerThread<ThreadPieces>;

	constructor(onStep: (step: CompletedLedger) => void) {
		this.#threads = new PerThread(() => new ThreadPieces(onStep));
	}

	piece(piece: CompletedLedger): void {
		this.#threads.of(piece.pid, piece.tid).next(piece);
	}

	/** The process makes no more pieces. */
	processExited(pid: number): void {
		for (const thread of this.#threads.forget(pid)) thread.end();
	}

	/** No process makes more pieces. */
	end(): void {
		for (const thread of this.#threads.all()) thread.end();
	}
}

/** The pieces of one thread: layers make passes, passes have companions, and several of those may draft for another. */
class ThreadPieces {
	readonly #onStep: (step: CompletedLedger) => void;
	readonly #drafts: Joiner;
	readonly #companions: Joiner;
	readonly #layers: Joiner;

	constructor(onStep: (step: CompletedLedger) => void) {
		this.#onStep = onStep;
		this.#drafts = new Joiner(new Drafts(), onStep);
		this.#companions = new Joiner(new Companions(), (pass, isJoined) => this.#drafts.next(pass, isJoined));
		this.#layers = new Joiner(new LayerLoop(), (pass, isJoined) => this.#companions.next(pass, isJoined));
	}

	next(piece: CompletedLedger): void {
		if (piece.launchesUnseen) {
			// What it launched would say what it is a piece of.
			this.end();
			this.#onStep(piece);
		} else {
			this.#layers.next(piece);
		}
	}

	end(): void {
		this.#layers.end();
		this.#companions.end();
		this.#drafts.end();
	}
}
