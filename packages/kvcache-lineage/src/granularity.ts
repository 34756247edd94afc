import type { AllocationKind } from './events';
import type { AllocationFacts } from './facts';
import { TURNOVER_SLICES } from './turnover';

/**
 * What one live allocation of a process is, and so what its age means:
 * - `blocks`: a buffer that the application asked for; ages are ages of its buffers
 * - `segments`: a piece that a caching allocator took from the driver and hands out itself; what was allocated inside it, and
 *   when, is hidden
 * - `mapped`: the same, of address ranges that grow by mapping physical memory behind them
 * - `pool`: memory taken once and kept, such as a server's KV pool; ages tell when, and nothing about requests
 * - `unknown`: what is seen does not say
 */
export type Granularity = 'blocks' | 'segments' | 'mapped' | 'pool' | 'unknown';

/**
 * The driver hands out memory in pages of 2 MiB, and a caching allocator above it asks for whole ones: PyTorch takes 2 MiB for
 * requests up to 1 MiB, 20 MiB up to 10 MiB, and beyond that rounds up to 2 MiB (kSmallBuffer, kLargeBuffer,
 * kRoundLarge, c10/core/AllocatorConfig.h). Tensors, and buffers of libraries, seldom have such a size.
 */
const GRANULE_BYTES = 2 * 1024 * 1024;

/** Steady: at least one a second over the minute, in half of its slices, so that a burst is not taken for a habit. */
const STEADY_BLOCKS = 60;
const STEADY_SLICES: number = TURNOVER_SLICES / 2;
/** Kept: of what is live at most this part came or went in the last minute. Engines still allocate a workspace now and then. */
const KEPT_TURNOVER = 0.01;

/** Whether an allocation has the size of a caching allocator's segment. */
export function isWholeGranules(kind: AllocationKind, bytes: number): boolean {
	return (kind === 'device' || kind === 'managed') && bytes > 0 && bytes % GRANULE_BYTES === 0;
}

/** Whether an allocation is a buffer as the application asked for it. */
export function isBlock(kind: AllocationKind, bytes: number): boolean {
	return kind !== 'mapped' && !isWholeGranules(kind, bytes);
}

/** First match wins. "Most" is half and more, by bytes, of what is live and of what came without an end. */
export function granularityOf(facts: AllocationFacts): Granularity {
	const { live, kinds, unended, wholeGranules, growth, alike, coverage } = facts;
	const unendedBytes = Object.values(unended).reduce((sum, { bytes }) => sum + bytes, 0);
	const allBytes = live.bytes + unendedBytes;
	if (allBytes === 0) return 'unknown';

	const blockBytes = live.bytes - kinds.mapped.bytes - wholeGranules.bytes;
	const turnsOver = Math.min(growth.blockAllocations, growth.blockFrees) >= STEADY_BLOCKS;
	if (turnsOver && growth.blockSlices >= STEADY_SLICES && 2 * blockBytes >= allBytes) return 'blocks';

	if (2 * (kinds.mapped.bytes + unended.mapped.bytes) >= allBytes) return 'mapped';
	if (2 * unendedBytes >= allBytes) return 'unknown';

	// A share of everything can only be told by who saw everything.
	const isKept = growth.allocatedBytes + growth.freedBytes <= KEPT_TURNOVER * live.bytes;
	if (coverage === 'whole' && isKept && alike.share >= 0.5) return 'pool';

	if (2 * wholeGranules.bytes >= allBytes && 2 * wholeGranules.count >= live.count) return 'segments';
	return 'unknown';
}
