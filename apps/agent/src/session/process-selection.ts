import { RECORD_WORDS, type RecordingHeader } from '@ingero/recording';
import { OperationKind, OperationTable } from '@ingero/steps';

const PID = 3;
const TID = 4;
const OP = 5;
const ARG0 = 6;

/** Picks the records of some processes out of a recording of more, and counts them. */
export class ProcessSelection {
	readonly counters: { events: number; unknownOperations: number } = { events: 0, unknownOperations: 0 };
	readonly #pids: ReadonlySet<number>;
	readonly #table: OperationTable;
	/** Thread → its process: a scheduler event may name another process, that of the thread which was current. */
	readonly #pidOf = new Map<number, number>();
	/** Those without an event so far. */
	readonly absent: Set<number>;

	constructor(pids: ReadonlySet<number>, header: RecordingHeader) {
		this.#pids = pids;
		this.#table = new OperationTable(header.operations);
		this.absent = new Set(pids);
	}

	has(pid: number): boolean {
		return this.#pids.has(pid);
	}

	/** @returns their records */
	take(words: Uint32Array, count: number): Uint32Array {
		const kept = new Uint32Array(count * RECORD_WORDS);
		let used = 0;
		for (let at = 0; at < count * RECORD_WORDS; at += RECORD_WORDS) {
			const kind = this.#table.kindOf(words[at + OP] as number);
			const pid = this.#owner(words, at, kind);
			if (!this.#pids.has(pid)) continue;
			this.absent.delete(pid);
			this.counters.events += 1;
			if (kind === undefined) this.counters.unknownOperations += 1;
			kept.set(words.subarray(at, at + RECORD_WORDS), used);
			used += RECORD_WORDS;
		}
		return kept.subarray(0, used);
	}

	#owner(words: Uint32Array, at: number, kind: OperationKind | undefined): number {
		const pid = words[at + PID] as number;
		const tid = words[at + TID] as number;
		const isAboutAnother = kind === OperationKind.switchIn || kind === OperationKind.wakeup;
		if (!isAboutAnother || words[at + ARG0] === tid) {
			this.#pidOf.set(tid, pid);
			return pid;
		}
		return this.#pidOf.get(words[at + ARG0] as number) ?? pid;
	}
}
