import { RECORD_WORDS } from '@ingero/recording';

/** Enough for a second of a busy allocator; steps come more often. */
const MAX_PENDING = 4096;

interface Pending {
	readonly tNs: number;
	/** A call; else a process has ended. */
	readonly words: Uint32Array | undefined;
	readonly pid: number;
}

/**
 * Holds memory calls back until a step is looked at that ended after them. Steps come late, since what follows may still
 * belong to them, and the memory of a step is what it was at its end.
 */
export class MemoryQueue {
	readonly #call: (words: Uint32Array, at: number, tNs: number) => void;
	readonly #exited: (pid: number) => void;
	#pending: Pending[] = [];
	#head = 0;
	#newestNs = Number.NEGATIVE_INFINITY;

	constructor(call: (words: Uint32Array, at: number, tNs: number) => void, exited: (pid: number) => void) {
		this.#call = call;
		this.#exited = exited;
	}

	call(words: Uint32Array, at: number, tNs: number): void {
		this.#newestNs = Math.max(this.#newestNs, tNs);
		this.#push({ tNs, words: words.slice(at, at + RECORD_WORDS), pid: 0 });
	}

	exited(pid: number): void {
		this.#push({ tNs: this.#newestNs, words: undefined, pid });
	}

	/** Passes on what happened up to `untilNs`. */
	advance(untilNs: number): void {
		while (this.#head < this.#pending.length) {
			if ((this.#pending[this.#head] as Pending).tNs > untilNs) break;
			this.#passOldest();
		}
		if (this.#head === this.#pending.length) {
			this.#pending = [];
			this.#head = 0;
		}
	}

	#push(entry: Pending): void {
		this.#pending.push(entry);
		if (this.#pending.length - this.#head > MAX_PENDING) this.#passOldest();
		if (this.#head > MAX_PENDING) {
			this.#pending = this.#pending.slice(this.#head);
			this.#head = 0;
		}
	}

	#passOldest(): void {
		const { tNs, words, pid } = this.#pending[this.#head] as Pending;
		this.#head += 1;
		if (words === undefined) this.#exited(pid);
		else this.#call(words, 0, tNs);
	}
}
