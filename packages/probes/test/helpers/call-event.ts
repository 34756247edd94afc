import { probedOperations } from '../../src/index';

/** One raw event, with its words put together. */
export interface CallEvent {
	readonly tNs: bigint;
	readonly durationNs: number;
	readonly pid: number;
	readonly tid: number;
	readonly name: string;
	readonly args: readonly [bigint, bigint, bigint];
}

const RECORD_WORDS = 12;
const OPERATIONS = probedOperations({ memory: true, runtime: true, nccl: true });

/** Decodes raw events the slow and obvious way. */
export function callEvents(batches: readonly { readonly words: Uint32Array; readonly count: number }[]): CallEvent[] {
	return batches.flatMap(({ words, count }) =>
		Array.from({ length: count }, (_, i) => {
			const view = new DataView(words.buffer, words.byteOffset + i * RECORD_WORDS * 4, RECORD_WORDS * 4);
			const op = view.getUint32(20, true);
			return {
				tNs: view.getBigUint64(0, true),
				durationNs: view.getUint32(8, true),
				pid: view.getUint32(12, true),
				tid: view.getUint32(16, true),
				name: OPERATIONS.get(op)?.name ?? `operation ${op}`,
				args: [view.getBigUint64(24, true), view.getBigUint64(32, true), view.getBigUint64(40, true)],
			} as const;
		}),
	);
}

type Batches = Parameters<typeof callEvents>[0];

/** Only what stands for a call of the driver; likewise the others. */
export function driverCalls(batches: Batches): CallEvent[] {
	return callEvents(batches).filter(({ name }) => /^cu[A-Z]/.test(name));
}

export function runtimeCalls(batches: Batches): CallEvent[] {
	return callEvents(batches).filter(({ name }) => /^cuda[A-Z]/.test(name));
}

export function ncclCalls(batches: Batches): CallEvent[] {
	return callEvents(batches).filter(({ name }) => name.startsWith('nccl'));
}

/** How often each key occurs. */
export function tally(keys: Iterable<string>): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
	return counts;
}
