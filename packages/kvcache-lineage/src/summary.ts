import { ALLOCATION_KINDS, type AllocationKind } from './events';
import type { AllocationFacts, AllocationSummary, Tally } from './facts';
import { granularityOf, isWholeGranules } from './granularity';
import type { LiveTable } from './internal/live-table';

/** Whole ms from `tNs` to `atNs`, 0 at least. */
export function ageMs(tNs: number, atNs: number): number {
	return Math.max(0, Math.trunc((atNs - tNs) / 1e6));
}

export type MutableTally = { -readonly [K in keyof Tally]: Tally[K] };

export function newTally(): MutableTally {
	return { count: 0, bytes: 0 };
}

export function addTo(tally: MutableTally, bytes: number): void {
	tally.count += 1;
	tally.bytes += bytes;
}

export function byKind<T>(of: (code: number) => T): Record<AllocationKind, T> {
	return Object.fromEntries(ALLOCATION_KINDS.map((kind, code) => [kind, of(code)])) as Record<AllocationKind, T>;
}

/** One pass over the live allocations, and the rest of what is known of their process. */
export function summarize(
	table: LiveTable,
	atNs: number,
	rest: Omit<AllocationFacts, keyof ReturnType<typeof factsOf>>,
): AllocationSummary {
	const facts = { ...rest, ...factsOf(table, atNs) };
	return { granularity: granularityOf(facts), ...facts };
}

type TableFacts = Pick<
	AllocationFacts,
	'live' | 'kinds' | 'wholeGranules' | 'largestShare' | 'alike' | 'oldestSegmentAgeMs' | 'newestSegmentAgeMs'
>;

function factsOf(table: LiveTable, atNs: number): TableFacts {
	const live = newTally();
	const wholeGranules = newTally();
	const kinds = byKind(newTally);
	const segmentsOfSize = new Map<number, number>();
	let largestBytes = 0;
	let oldestNs: number | undefined;
	let newestNs = 0;
	for (const slot of table.oldestFirst()) {
		const bytes = table.bytes(slot);
		const kind = ALLOCATION_KINDS[table.kindCode(slot)] as AllocationKind;
		addTo(live, bytes);
		addTo(kinds[kind], bytes);
		if (isWholeGranules(kind, bytes)) addTo(wholeGranules, bytes);
		segmentsOfSize.set(bytes, (segmentsOfSize.get(bytes) ?? 0) + 1);
		largestBytes = Math.max(largestBytes, bytes);
		newestNs = table.tNs(slot);
		oldestNs ??= newestNs;
	}
	const share = (bytes: number) => (live.bytes === 0 ? 0 : bytes / live.bytes);
	let alike = { segments: 0, bytesEach: 0, share: 0 };
	for (const [bytesEach, segments] of segmentsOfSize) {
		const shareOfAll = share(bytesEach * segments);
		if (shareOfAll > alike.share) alike = { segments, bytesEach, share: shareOfAll };
	}
	return {
		live,
		kinds,
		wholeGranules,
		largestShare: share(largestBytes),
		alike,
		oldestSegmentAgeMs: oldestNs === undefined ? null : ageMs(oldestNs, atNs),
		newestSegmentAgeMs: oldestNs === undefined ? null : ageMs(newestNs, atNs),
	};
}
