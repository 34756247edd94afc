import { ReorderWindow, type SourceClock } from '@ingero/steps';
import { EVENT_OP, EVENT_WORDS } from '../decode/layout';

const BATCH_RECORDS = 4096;
/** Operation codes from the first to the last are no calls: scheduler events, stacks, events of the host. */
const FIRST_OTHER_OP = 60;
const LAST_OTHER_OP = 99;

/** Raw events in time order, in batches of one reused buffer. */
export class EventBatcher {
	readonly #batch = new Uint32Array(BATCH_RECORDS * EVENT_WORDS);
	readonly #window: ReorderWindow;
	readonly #deliver: (words: Uint32Array, count: number) => void;
	#count = 0;
	/** Records that stand for calls. */
	calls = 0;

	constructor(options: {
		readonly clock: SourceClock;
		readonly windowNs: number;
		readonly deliver: (words: Uint32Array, count: number) => void;
	}) {
		this.#deliver = options.deliver;
		this.#window = new ReorderWindow({
			windowNs: options.windowNs,
			clock: options.clock,
			release: (words, at) => this.#append(words, at),
		});
	}

	get late(): number {
		return this.#window.counters.late;
	}

	push(words: Uint32Array, wordCount: number): void {
		for (let at = 0; at < wordCount; at += EVENT_WORDS) {
			const op = words[at + EVENT_OP] as number;
			if (op < FIRST_OTHER_OP || op > LAST_OTHER_OP) this.calls += 1;
		}
		this.#window.pushAll(words, wordCount, () => EVENT_WORDS);
	}

	/** Takes the one record at `at`: a process's end, which travels in the other ring, belongs among the events too. */
	pushOne(words: Uint32Array, at: number): void {
		this.#window.push(words, at, EVENT_WORDS);
	}

	advance(nowNs: number): void {
		this.#window.advance(nowNs);
		this.#flush();
	}

	#append(words: Uint32Array, at: number): void {
		const target = this.#count * EVENT_WORDS;
		for (let i = 0; i < EVENT_WORDS; i++) this.#batch[target + i] = words[at + i] as number;
		this.#count += 1;
		if (this.#count === BATCH_RECORDS) this.#flush();
	}

	#flush(): void {
		if (this.#count === 0) return;
		this.#deliver(this.#batch.subarray(0, this.#count * EVENT_WORDS), this.#count);
		this.#count = 0;
	}
}
