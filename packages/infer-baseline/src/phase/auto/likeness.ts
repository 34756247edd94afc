import { bitCount, SKETCH_WORDS } from '../../internal/sketch';
import type { StepWork } from './step-work';

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
	return a.isGraph === b.isGraph && Math.abs(a.gridLog2 - b.gridLog2) <= ALIKE_GRID_LOG2 && launchAlike(a, b);
}

/** Do two steps launch about as many kernels? */
export function launchAlike(a: StepWork, b: StepWork): boolean {
	return Math.abs(a.launches - b.launches) <= ALIKE_LAUNCHES * Math.max(a.launches, b.launches);
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
