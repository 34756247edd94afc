import type { AllocationKind } from './events';
import type { Granularity } from './granularity';
import type { Turnover } from './turnover';

/**
 * How much of a process's memory was seen being allocated:
 * - `whole`: it was watched from its start, and nothing contradicts
 * - `part`: something was freed that nobody saw allocated, live allocations were dropped for room, or events were lost
 * - `unknown`: watched from some moment on
 */
export type Coverage = 'whole' | 'part' | 'unknown';

export interface Tally {
	readonly count: number;
	readonly bytes: number;
}

/** What is known of a process's allocations at one moment. A segment is one allocation as the driver saw it. */
export interface AllocationFacts {
	readonly coverage: Coverage;
	readonly live: Tally;
	readonly kinds: Readonly<Record<AllocationKind, Tally>>;
	/** Live `device` and `managed` allocations of a multiple of 2 MiB. */
	readonly wholeGranules: Tally;
	/** Part of the live bytes in the biggest segment, 0 to 1. */
	readonly largestShare: number;
	/**
	 * Among segments of one size those with the most bytes. A KV pool is one allocation, or one of equal size a layer.
	 */
	readonly alike: { readonly segments: number; readonly bytesEach: number; readonly share: number };
	/** Whole ms since the oldest and the newest live segment was allocated; `null` if there is none. */
	readonly oldestSegmentAgeMs: number | null;
	readonly newestSegmentAgeMs: number | null;
	/** Whole ms since anything was allocated or freed; `null` if nothing ever was. */
	readonly quietMs: number | null;
	/** The last minute. */
	readonly growth: Turnover;
	/** Allocations so far of kinds whose end is not seen: whether they are live is not known. */
	readonly unended: Readonly<Record<AllocationKind, Tally>>;
	/**
	 * Physical memory created so far; a part may have been released. Mapped bytes beyond it were mapped twice, or belong to
	 * another process.
	 */
	readonly physical: Tally;
	/** Live allocations that were dropped for room: the figures above lack them. */
	readonly overflowed: number;
	/** Frees of what nobody saw allocated, or of what was dropped or freed before. */
	readonly unknownFrees: number;
}

export interface AllocationSummary extends AllocationFacts {
	readonly granularity: Granularity;
}
