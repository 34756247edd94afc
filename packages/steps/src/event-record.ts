import { handleKey } from './handle';

/** 32-bit words in an event record. */
export const RECORD_WORDS = 12;
/** Word offsets in an event record; words 0 and 1 are its time. */
const DURATION = 2;
export const PID = 3;
export const TID = 4;
export const OP = 5;
const ARG0 = 6;

/**
 * A view of one event record inside a batch. One view is moved from record to record, so that reading allocates
 * nothing; what it says is valid until it is moved on.
 */
export class EventRecord {
	/** ns since the source's base: when a timed call returned, else when the call was entered. */
	tNs = 0;
	/** Of a timed call, at most 4.29 s; else 0. */
	durationNs = 0;
	pid = 0;
	tid = 0;
	op = 0;
	#words: Uint32Array = new Uint32Array(0);
	#arguments = 0;

	moveTo(words: Uint32Array, at: number, tNs: number): void {
		this.tNs = tNs;
		this.durationNs = words[at + DURATION] as number;
		this.pid = words[at + PID] as number;
		this.tid = words[at + TID] as number;
		this.op = words[at + OP] as number;
		this.#words = words;
		this.#arguments = at + ARG0;
	}

	/** Low word of the argument at `place`, 0 to 2. */
	low(place: number): number {
		return this.#words[this.#arguments + 2 * place] as number;
	}

	high(place: number): number {
		return this.#words[this.#arguments + 2 * place + 1] as number;
	}

	/** The argument as one number: exact below 2^53. */
	value(place: number): number {
		return handleKey(this.low(place), this.high(place));
	}
}
