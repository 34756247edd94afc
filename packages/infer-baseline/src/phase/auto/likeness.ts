import { SKETCH_WORDS, type StepWork } from './step-work';

/** Steps of a run share this much of their kernels (Jaccard); measured: decodes 0.85 to 1, a prefill against them below 0.6. */
const ALIKE_KERNELS = 0.75;
/** and their grids differ by less than this factor (log2): a context that grows, a few requests that end, expert routing. */
const ALIKE_GRID_LOG2 = 0.4;
/** and, where kernels do not say it, their launch counts by less than this share. */
const ALIKE_LAUNCHES = 0.15;

/** Do two steps belong to one run of equal steps? */
export function areAlike(a: StepWork, b: StepWork): boolean {
	return (
		a.isGraph === b.isGraph && Math.abs(a.gridLog2 - b.gridLog2) <= ALIKE_GRID_LOG2 && similarity(a, b) >= ALIKE_KERNELS
	);
}

/** Do two steps do about as much, be it by other kernels? */
export function doAlikeWork(a: StepWork, b: StepWork): boolean {
	return (
		a.isGraph === b.isGraph &&
		Math.abs(a.gridLog2 - b.gridLog2) <= ALIKE_GRID_LOG2 &&
		Math.abs(a.launches - b.launches) <= ALIKE_LAUNCHES * Math.max(a.launches, b.launches)
	);
}

/** Jaccard similarity of the kernels of two steps, 0 to 1; 1 for two empty ones. */
export function similarity(a: StepWork, b: StepWork): number {
	let both = 0;
	let either = 0;
	for (let i = 0; i < SKETCH_WORDS; i++) {
		both += bitCount(a.sketchWord(i) & b.sketchWord(i));
		either += bitCount(a.sketchWord(i) | b.sketchWord(i));
	}
	return either === 0 ? 1 : both / either;
}

/** Bits that are set in a 32-bit word. */
export function bitCount(word: number): number {
	let n = word - ((word >>> 1) & 0x5555_5555);
	n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
	return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
