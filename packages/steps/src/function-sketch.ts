import { mixFunction } from './fingerprint';

/** 32-bit words in a sketch: 256 bits. */
export const SKETCH_WORDS = 8;

const GRID_SPREAD = 0x9e3779b1;
const GRAPH_SPREAD = 0x27d4eb2f;

/**
 * Bit of the sketch for a launch: its function together with the power of two of its grid, because the same kernel in
 * another grid is what tells a prefill from a decode on engines that launch the same kernels in both.
 *
 * The kernel's ledgers (bpf/include/ingero_ledger.h) set the very same bits.
 *
 * @param mixed of {@link mixFunction}
 * @param gridBlocks one value from 2^31 on
 */
export function launchBit(mixed: number, gridBlocks: number): number {
	// All ones up to the grid's highest bit: says as much as a logarithm, and needs no branch in the kernel.
	const magnitude = 0xffff_ffff >>> Math.clz32(gridBlocks < 0x8000_0000 ? gridBlocks | 1 : 0x8000_0000);
	return Math.imul(mixed ^ magnitude, GRID_SPREAD) >>> 24;
}

/** Spreads the handle of a graph over 32 bits, other ones than a function of that handle gets. */
export function mixGraph(graphLow: number, graphHigh: number): number {
	return Math.imul(mixFunction(graphLow, graphHigh), GRAPH_SPREAD) >>> 0;
}

/** Bit of the sketch for a replayed graph. `mixed` is of {@link mixGraph}. */
export function graphBit(mixed: number): number {
	return mixed >>> 24;
}

export function setBit(sketch: Uint32Array, bit: number): void {
	sketch[bit >>> 5] = (sketch[bit >>> 5] as number) | (1 << (bit & 31));
}

export function areEqual(sketch: Uint32Array, other: Uint32Array): boolean {
	for (let i = 0; i < SKETCH_WORDS; i++) if (sketch[i] !== other[i]) return false;
	return true;
}

/** Adds what another sketch marks. */
export function addSketch(sketch: Uint32Array, other: Uint32Array): void {
	for (let i = 0; i < SKETCH_WORDS; i++) sketch[i] = (sketch[i] as number) | (other[i] as number);
}
