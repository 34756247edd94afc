/** 32-bit words of the records of the ledger ring: bpf/include/ingero_events.h. */
const EVENT_WORDS = 12;
const EDGE_WITH_TIMES_WORDS = 42;
const LEDGER_PART_WORDS = 64;
const WITH_TIMES = 0x1_0000;
const LEDGER_PART = 200;
const LEDGER_VERSION = 3;

/** A record's head. Times are ns on the kernel's clock. */
export interface Head {
	readonly tNs: number;
	readonly pid: number;
	readonly tid: number;
	readonly durationNs?: number;
}

/** Writes records one right after the other, as the kernel's programs put them into the ledger ring. */
export class LedgerRecords {
	readonly #words: Uint32Array;
	#length = 0;

	/** @param capacity room, in words */
	constructor(capacity: number) {
		this.#words = new Uint32Array(capacity);
	}

	/** All records so far. */
	get words(): Uint32Array {
		return this.#words.subarray(0, this.#length);
	}

	clear(): void {
		this.#words.fill(0, 0, this.#length);
		this.#length = 0;
	}

	/** A call that orders ledgers, or the end of a process. */
	edge(head: Head, op: number, args: readonly number[]): void {
		this.#head(head, op, args);
		this.#length += EVENT_WORDS;
	}

	/** The same with the 15 times of its thread. */
	edgeWithTimes(head: Head, op: number, args: readonly number[], times: readonly number[]): void {
		this.#head(head, op + WITH_TIMES, args);
		for (const [i, time] of times.entries()) this.#number(EVENT_WORDS + 2 * i, time);
		this.#length += EDGE_WITH_TIMES_WORDS;
	}

	/** What one stream holds: `numbers` are the fields of `struct ingero_ledger` up to the fingerprint. */
	ledgerPart(head: Head, stream: number, numbers: readonly number[], sketch: readonly number[], last: number): void {
		this.#head(head, LEDGER_PART, [stream]);
		this.#words[this.#length + EVENT_WORDS] = LEDGER_VERSION;
		const ledger = EVENT_WORDS + 2;
		for (const [i, number] of numbers.entries()) this.#number(ledger + 2 * i, number);
		this.#words.set(sketch, this.#length + ledger + 32);
		this.#number(ledger + 40, last);
		this.#length += LEDGER_PART_WORDS;
	}

	#head({ tNs, pid, tid, durationNs = 0 }: Head, op: number, args: readonly number[]): void {
		this.#number(0, tNs);
		this.#words.set([durationNs, pid, tid, op], this.#length + 2);
		for (const [i, argument] of args.entries()) this.#number(6 + 2 * i, argument);
	}

	#number(place: number, value: number): void {
		this.#words[this.#length + place] = value % 2 ** 32;
		this.#words[this.#length + place + 1] = Math.floor(value / 2 ** 32);
	}
}
