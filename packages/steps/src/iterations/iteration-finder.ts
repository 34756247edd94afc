import type { CompletedLedger } from '../completed-ledger';
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
	readonly #onStep: (step: CompletedLedger) => void;
	/** By process, then by thread. */
	readonly #threads = new Map<number, Map<number, ThreadPieces>>();
	#latest: ThreadPieces | undefined;

	constructor(onStep: (step: CompletedLedger) => void) {
		this.#onStep = onStep;
	}

	piece(piece: CompletedLedger): void {
		const { pid, tid } = piece;
		let thread = this.#latest;
		if (thread === undefined || thread.tid !== tid || thread.pid !== pid) {
			thread = this.#threadOf(pid, tid);
			this.#latest = thread;
		}
		thread.next(piece);
	}

	/** The process makes no more pieces. */
	processExited(pid: number): void {
		for (const thread of this.#threads.get(pid)?.values() ?? []) thread.end();
		this.#threads.delete(pid);
		this.#latest = undefined;
	}

	/** No process makes more pieces. */
	end(): void {
		for (const threads of this.#threads.values()) for (const thread of threads.values()) thread.end();
	}

	#threadOf(pid: number, tid: number): ThreadPieces {
		let threads = this.#threads.get(pid);
		if (threads === undefined) {
			threads = new Map();
			this.#threads.set(pid, threads);
		}
		let thread = threads.get(tid);
		if (thread === undefined) {
			thread = new ThreadPieces(pid, tid, this.#onStep);
			threads.set(tid, thread);
		}
		return thread;
	}
}

/** The pieces of one thread: layers make passes, passes have companions, and several of those may draft for another. */
class ThreadPieces {
	readonly #drafts: Joiner;
	readonly #companions: Joiner;
	readonly #layers: Joiner;

	constructor(
		readonly pid: number,
		readonly tid: number,
		onStep: (step: CompletedLedger) => void,
	) {
		this.#drafts = new Joiner(new Drafts(), onStep);
		this.#companions = new Joiner(new Companions(), (pass, isJoined) => this.#drafts.next(pass, isJoined));
		this.#layers = new Joiner(new LayerLoop(), (pass, isJoined) => this.#companions.next(pass, isJoined));
	}

	next(piece: CompletedLedger): void {
		this.#layers.next(piece);
	}

	end(): void {
		this.#layers.end();
		this.#companions.end();
		this.#drafts.end();
	}
}
