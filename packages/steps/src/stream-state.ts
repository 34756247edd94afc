import { handleKey } from './handle';
import type { Ledger } from './ledger';
import { StreamHandle } from './stream-handle';

/** Streams that one is known to have waited for since its ledger was last taken (the kernel's INGERO_JOINED_STREAMS). */
const JOINED_STREAMS = 4;
/** Streams followed of one process: INGERO_STREAMS_OF_A_PROCESS. */
const STREAMS_OF_A_PROCESS = 512;
/** What is enqueued on streams beyond those. */
const OTHER_STREAMS = new StreamHandle(0xffff_ffff, 0xffff_ffff);

/** A capture of calls into a graph. */
interface Capture {
	isOver: boolean;
}

/** What is enqueued on a stream, what it waits for, and whether that is captured. */
export class StreamState {
	ledger: Ledger | undefined = undefined;
	/** Streams it waits for, whoever made it wait: what is read back from it is behind their work, too. */
	readonly joined: StreamState[] = [];
	/** What takes what is enqueued here: a capture that was begun on it, or one that it has joined. */
	#capture: Capture | undefined;
	/** The capture that was begun here last. */
	#ownCapture: Capture | undefined;

	constructor(readonly handle: StreamHandle) {}

	/** What is enqueued now becomes part of a graph, and is not executed. */
	get isCaptured(): boolean {
		// One that was joined to a capture is free again when that is over.
		if (this.#capture?.isOver) this.#capture = undefined;
		return this.#capture !== undefined;
	}

	/** It shares its ledger with others: what is said of one of them is not of all. */
	get isShared(): boolean {
		return this.handle.key === OTHER_STREAMS.key;
	}

	beginCapture(): void {
		this.endCapture();
		this.#ownCapture = { isOver: false };
		this.#capture = this.#ownCapture;
	}

	endCapture(): void {
		if (this.#ownCapture !== undefined) this.#ownCapture.isOver = true;
		this.#capture = undefined;
		this.#ownCapture = undefined;
	}

	/**
	 * It waits for what another has come to, and is captured with it.
	 *
	 * @returns false when it waits for more streams than are followed
	 */
	join(other: StreamState): boolean {
		if (other.isCaptured && !this.isCaptured) this.#capture = other.#capture;
		if (other === this || this.joined.includes(other)) return true;
		if (this.joined.length === JOINED_STREAMS) return false;
		this.joined.push(other);
		return true;
	}
}

/** The streams of a process. */
export class StreamStates {
	readonly #states = new Map<number, StreamState>();

	/** The stream of a handle; beyond so many, the one that all others share. */
	of(low: number, high: number): StreamState {
		const key = handleKey(low, high);
		const known = this.#states.get(key);
		if (known !== undefined) return known;
		if (this.#states.size >= STREAMS_OF_A_PROCESS && key !== OTHER_STREAMS.key) {
			return this.of(OTHER_STREAMS.low, OTHER_STREAMS.high);
		}
		const state = new StreamState(new StreamHandle(low, high));
		this.#states.set(key, state);
		return state;
	}
}
