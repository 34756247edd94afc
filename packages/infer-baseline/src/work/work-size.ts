import type { StepLedger } from '../ledger';

/** Bit places: blocks from 14 on, launches from 7 on, then what was enqueued ahead, then whether graphs were replayed. */
const BLOCKS = 14;
const LAUNCHES = 7;
const LAUNCHES_MASK = 127;
const AHEAD_MASK = 63;

/**
 * How much work a step was: a number below 2^21 that steps of about equal size share.
 *
 * Made of the grid blocks, which follow the tokens, and the launches and graph replays, which follow the program,
 * each rounded down to half a power of two. Time grows at most in proportion to the blocks, so that within one size
 * it varies by a factor of 1.41, less than the 1.5 that makes an outlier. Then whether graphs were replayed, and what
 * was enqueued ahead, rounded to a power of four: that tells a replayed graph from launches one by one.
 */
export function workSize(ledger: StepLedger): number {
	const blocks = halfOctaves(ledger.gridBlocks);
	const launches = halfOctaves(ledger.launches + ledger.graphLaunches);
	const ahead = halfOctaves(ledger.launchesAhead ?? 0) >>> 2;
	return (blocks << BLOCKS) | (launches << LAUNCHES) | (ahead << 1) | (ledger.graphLaunches > 0 ? 1 : 0);
}

/** Where else is what was enqueued ahead: a step whose launches were not watched. */
const UNSEEN = AHEAD_MASK - 1;

/** The same of a step whose launches were not watched: what it copied to the device and from it tells batches apart. */
export function unseenWorkSize(ledger: StepLedger): number {
	const to = halfOctaves(ledger.hostToDeviceBytes);
	const from = halfOctaves(ledger.deviceToHostBytes);
	return (to << BLOCKS) | (from << LAUNCHES) | (UNSEEN << 1) | (ledger.graphLaunches > 0 ? 1 : 0);
}

/** A size that is so many half powers of two larger, in blocks and in launches; out of range, a size of no step. */
export function largerWork(size: number, blocks: number, launches: number): number {
	return size + blocks * 2 ** BLOCKS + launches * 2 ** LAUNCHES;
}

/** The size that stands for all steps of a size, whatever was enqueued ahead of their end; no step has it. */
export function sizeOfPool(size: number): number {
	return size | (AHEAD_MASK << 1);
}

/** Could the same requests take one step and then the other? Sizes differ by half a power of two at most, graphs not at all. */
export function isNearWork(size: number, other: number): boolean {
	const blocks = (size >>> BLOCKS) - (other >>> BLOCKS);
	const launches = ((size >>> LAUNCHES) & LAUNCHES_MASK) - ((other >>> LAUNCHES) & LAUNCHES_MASK);
	return Math.abs(blocks) <= 1 && Math.abs(launches) <= 1 && ((size ^ other) & 1) === 0;
}

/** 0 below 1, else 1 + floor(2 log2 count): at most 106 for a safe integer. */
function halfOctaves(count: number): number {
	if (!(count >= 1)) return 0;
	if (count >= 2 ** 31) return 1 + Math.floor(2 * Math.log2(count));
	const power = 31 - Math.clz32(count);
	return 1 + 2 * power + (count >= Math.SQRT2 * (1 << power) ? 1 : 0);
}
