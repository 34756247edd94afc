/** Wall clock minus monotonic clock, with how far it may be off. */
export interface WallOffset {
	readonly offsetNs: bigint;
	/** half the width of the interval the true offset lies in */
	readonly uncertaintyNs: bigint;
}

/** CLOCK_MONOTONIC in nanoseconds: the clock of `bpf_ktime_get_ns`, and not advanced while the machine is suspended. */
export function monotonicNs(): bigint {
	return process.hrtime.bigint();
}

/** A narrower bracket than this is the cost of the reads themselves; a wider one means the thread was interrupted. */
const GOOD_ENOUGH_NS = 5_000n;
const MAX_TURNS = 4;

/**
 * Measures the offset that turns monotonic times into wall times: `wallNs = monotonicNs + offsetNs`.
 *
 * Node shows the wall clock in whole milliseconds, so this waits, busy, for the moment it turns over: half a millisecond
 * on average, up to four where the machine is too busy to look at the right moment. The result is then good to the time
 * between two reads, some hundreds of nanoseconds. Call it again now and then: the wall clock is corrected and stepped.
 */
export function measureWallOffset(): WallOffset {
	let best = watchOneTurn();
	for (let turn = 1; turn < MAX_TURNS && best.uncertaintyNs > GOOD_ENOUGH_NS; turn++) {
		const next = watchOneTurn();
		if (next.uncertaintyNs < best.uncertaintyNs) best = next;
	}
	return best;
}

function watchOneTurn(): WallOffset {
	let lowerNs = monotonicNs();
	const startMs = Date.now();
	for (;;) {
		const nextLowerNs = monotonicNs();
		const wallMs = Date.now();
		if (wallMs !== startMs) {
			// The turn to wallMs came after the last read of the old value, which came after lowerNs.
			const upperNs = monotonicNs();
			const midpointNs = (lowerNs + upperNs) / 2n;
			return { offsetNs: BigInt(wallMs) * 1_000_000n - midpointNs, uncertaintyNs: (upperNs - lowerNs + 1n) / 2n };
		}
		lowerNs = nextLowerNs;
	}
}
