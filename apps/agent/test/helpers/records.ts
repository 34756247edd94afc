import { RECORD_WORDS } from '@ingero/recording';
import type { OperationDescription } from '@ingero/steps';
import type { Taken } from './recordings';

/** Word offsets in a record; its time is words 0 and 1. */
export const DURATION = 2;
export const PID = 3;
export const TID = 4;
export const OP = 5;
const ARG0 = 3;

export type Operations = ReadonlyMap<number, OperationDescription>;

/** A record as a test writes it down. */
export interface Written {
	readonly ns: bigint;
	readonly durationNs?: number;
	readonly pid: number;
	readonly tid?: number;
	readonly op: number;
	readonly args?: readonly bigint[];
}

export function encodeRecords(written: readonly Written[]): Uint32Array {
	const words = new Uint32Array(written.length * RECORD_WORDS);
	const longs = new BigUint64Array(words.buffer);
	for (const [i, { ns, durationNs = 0, pid, tid = pid, op, args = [] }] of written.entries()) {
		const at = i * RECORD_WORDS;
		longs[at / 2] = ns;
		words[at + DURATION] = durationNs;
		words[at + PID] = pid;
		words[at + TID] = tid;
		words[at + OP] = op;
		longs.set(args, at / 2 + ARG0);
	}
	return words;
}

/** The header of a recording that no machine made. */
export function headerOf(operations: Operations, wallOffsetNs?: bigint): Taken['header'] {
	const nothing = { gpu: '', driver: '', kernel: '', arch: '', workload: '' };
	return { version: 1, clock: 'CLOCK_MONOTONIC', wallOffsetNs, ...nothing, dropped: 0, operations };
}

/** One record to change: its place, and its 64-bit words (0 is the time, 3 to 5 are the arguments). */
export interface Place {
	readonly words: Uint32Array;
	readonly longs: BigUint64Array;
	/** Of the record's first word. */
	readonly at: number;
}

/** A copy in which every record went through `change`. */
export function changed({ header, records }: Taken, change: (place: Place) => void): Taken {
	const words = records.slice();
	const longs = new BigUint64Array(words.buffer);
	for (let at = 0; at < words.length; at += RECORD_WORDS) change({ words, longs, at });
	return { header, records: words };
}

/** Changes the arguments of a record by what its operation says that they are. */
export function changeArguments(
	{ words, longs, at }: Place,
	operations: Operations,
	change: (name: string, value: bigint) => bigint,
): void {
	const names = operations.get(words[at + OP] as number)?.args ?? [];
	for (const [i, name] of names.slice(0, 3).entries()) {
		const long = at / 2 + ARG0 + i;
		longs[long] = change(name, longs[long] as bigint);
	}
}

/** The same without some operations. */
export function without({ header, records }: Taken, isLeftOut: (operation: string) => boolean): Taken {
	const names = new Map([...header.operations].map(([code, { name }]) => [code, name]));
	const left = new Uint32Array(records.length);
	let used = 0;
	for (let at = 0; at < records.length; at += RECORD_WORDS) {
		if (isLeftOut(names.get(records[at + OP] as number) ?? '')) continue;
		left.set(records.subarray(at, at + RECORD_WORDS), used);
		used += RECORD_WORDS;
	}
	return { header, records: left.subarray(0, used) };
}

export function timeOf(records: Uint32Array, at: number): number {
	return (records[at + 1] as number) * 2 ** 32 + (records[at] as number);
}

/** The records of recordings with the same operations, in the order of their times; those of one time as they stand. */
export function inOrder(...parts: readonly Uint32Array[]): Uint32Array {
	const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
	let end = 0;
	for (const part of parts) {
		all.set(part, end);
		end += part.length;
	}
	const times = Float64Array.from({ length: all.length / RECORD_WORDS }, (_, i) => timeOf(all, i * RECORD_WORDS));
	const order = Uint32Array.from(times.keys()).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
	const words = new Uint32Array(all.length);
	for (const [to, from] of order.entries()) {
		words.set(all.subarray(from * RECORD_WORDS, (from + 1) * RECORD_WORDS), to * RECORD_WORDS);
	}
	return words;
}
