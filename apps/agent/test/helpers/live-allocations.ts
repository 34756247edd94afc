import { type Message, parseLines } from './messages';

/** Parses what a session printed, of its events only those that countAllocations() looks at. */
export function parseWithAllocations(text: string): Message[] {
	const lines = text.split('\n');
	const kept = lines.filter(
		(line) => !line.startsWith('{"type":"event"') || /"op":"cuMem(Alloc|Free|Map|Unmap)/.test(line),
	);
	return parseLines(kept.join('\n'));
}

/** An outlier's line with the end of its step, and the memory of its process counted from the events, the slow way. */
export interface Counted {
	readonly outlier: Message;
	readonly agesMs: bigint[];
	readonly liveAllocations: bigint;
	readonly liveBytes: bigint;
}

/**
 * Counts what was allocated and not freed at the end of each slow step that says something of it, from the lines of one
 * session.
 *
 * @param messages with events, steps and outliers
 * @param options.mappings whether the ends of mappings are among the events
 */
export function countAllocations(
	messages: readonly Message[],
	options: { readonly topN: number; readonly mappings: boolean },
): Counted[] {
	const events = messages.filter(({ type }) => type === 'event').sort(byTime);
	let step: Message | undefined;
	const counted: Counted[] = [];
	for (const message of messages) {
		if (message.type === 'inference_step') step = message;
		if (message.type !== 'inference_outlier' || message.kv_cache_memory === undefined || step === undefined) continue;
		const { pid, end_ns: endNs } = step as unknown as { pid: bigint; end_ns: bigint };
		const live = liveAt(events, pid, endNs, options.mappings);
		const oldestFirst = [...live.values()].sort((a, b) => Number(a.tNs - b.tNs));
		counted.push({
			outlier: message,
			agesMs: oldestFirst.slice(0, options.topN).map(({ tNs }) => (endNs - tNs) / 1_000_000n),
			liveAllocations: BigInt(live.size),
			liveBytes: oldestFirst.reduce((sum, { bytes }) => sum + bytes, 0n),
		});
	}
	return counted;
}

interface Allocation {
	readonly tNs: bigint;
	readonly bytes: bigint;
}

function liveAt(events: readonly Message[], pid: bigint, untilNs: bigint, mappings: boolean): Map<bigint, Allocation> {
	const live = new Map<bigint, Allocation>();
	for (const event of events) {
		const tNs = event.ts_ns as bigint;
		if (tNs > untilNs) break;
		if (event.pid !== pid) continue;
		const [first, second, third] = (event.args as string[]).map(BigInt) as [bigint, bigint, bigint];
		switch (event.op) {
			case 'cuMemAlloc_v2':
			case 'cuMemAllocAsync':
				// Address 0 is that of an allocation that was refused.
				if (second !== 0n) live.set(second, { tNs, bytes: first });
				break;
			case 'cuMemMap':
				if (mappings && third === 0n) live.set(first, { tNs, bytes: second });
				break;
			case 'cuMemFree_v2':
			case 'cuMemFreeAsync':
			case 'cuMemUnmap':
				live.delete(first);
		}
	}
	return live;
}

function byTime(a: Message, b: Message): number {
	return Number((a.ts_ns as bigint) - (b.ts_ns as bigint));
}
