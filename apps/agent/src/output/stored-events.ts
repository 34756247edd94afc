import { RECORD_WORDS } from '@ingero/recording';
import type { OperationDescription } from '@ingero/steps';

const DURATION = 2;
const OP = 5;
/** Block requests that take less are everyday ones: a busy disk has tens of thousands a second. */
const SLOW_BLOCK_REQUEST_NS = 10_000_000;

/** Events that are not all kept: how many are, and how many are left out on purpose. */
interface Choice {
	/** Those that lasted so long are kept. */
	readonly leastNs: number;
	delivered: number;
	sampledOut: number;
}

/** Chooses of a source's raw events those that a database keeps: all but short block requests, and the numbers of stacks. */
export class StoredEvents {
	readonly choices: { readonly block_requests: Readonly<Choice>; readonly call_stacks: Readonly<Choice> };
	readonly #byCode = new Map<number, Choice>();

	constructor(operations: ReadonlyMap<number, OperationDescription>) {
		const blockRequests = { leastNs: SLOW_BLOCK_REQUEST_NS, delivered: 0, sampledOut: 0 };
		// The database has no place for what the number stands for.
		const callStacks = { leastNs: Number.POSITIVE_INFINITY, delivered: 0, sampledOut: 0 };
		this.choices = { block_requests: blockRequests, call_stacks: callStacks };
		for (const [code, { name }] of operations) {
			if (name.startsWith('block_')) this.#byCode.set(code, blockRequests);
			if (name === 'call_stack') this.#byCode.set(code, callStacks);
		}
	}

	/** @returns `words` itself when all are kept, else a copy of those that are */
	select(words: Uint32Array, count: number): Uint32Array {
		const end = count * RECORD_WORDS;
		const leftOut: number[] = [];
		for (let at = 0; at < end; at += RECORD_WORDS) if (!this.#keeps(words, at)) leftOut.push(at);
		if (leftOut.length === 0) return words;
		const kept = new Uint32Array(end - leftOut.length * RECORD_WORDS);
		let from = 0;
		let used = 0;
		for (const at of [...leftOut, end]) {
			kept.set(words.subarray(from, at), used);
			used += at - from;
			from = at + RECORD_WORDS;
		}
		return kept;
	}

	#keeps(words: Uint32Array, at: number): boolean {
		const choice = this.#byCode.get(words[at + OP] as number);
		if (choice === undefined) return true;
		const isKept = (words[at + DURATION] as number) >= choice.leastNs;
		if (isKept) choice.delivered += 1;
		else choice.sampledOut += 1;
		return isKept;
	}
}
