import type { ProbeGroup } from './probe-group';

/**
 * Where all went that a group of probes was hit by. Once its rings are empty and its sums are taken,
 * produced = delivered + summed + Σ dropped.
 */
export interface GroupLosses {
	readonly produced: number;
	/** As records that were read. */
	readonly delivered: number;
	/** Added to sums that were read. */
	readonly summed: number;
	readonly dropped: {
		/** The reader was too slow. */
		readonly ring_full: number;
		/** A table was full. */
		readonly no_slot: number;
		/** The kernel let a hit inside another one go by. */
		readonly nested: number;
		/** Begun and not over. */
		readonly in_flight: number;
	};
	/** Records that came, but whose child or sum found no room in its table. */
	readonly tableFull: number;
}

/** @param summed what was told of in sums so far */
export function lossesOf(group: ProbeGroup, summed: number): GroupLosses {
	const { counters, received, nested } = group;
	return {
		produced: counters.produced + nested,
		delivered: received,
		summed,
		dropped: {
			ring_full: counters.ringFull,
			no_slot: counters.noSlot,
			nested,
			in_flight: counters.started - counters.finished,
		},
		tableFull: counters.tableFull,
	};
}
