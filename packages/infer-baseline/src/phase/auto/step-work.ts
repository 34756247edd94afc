import type { StepLedger } from '../../ledger';

/** 32-bit words of a function sketch. */
export const SKETCH_WORDS = 8;

/** What a step enqueued, reduced to what tells phases apart. One object a use, overwritten step by step. */
export class StepWork {
	launches = 0;
	isGraph = false;
	/** log2 of the sum of grid blocks; 0 when nothing was launched. */
	gridLog2 = 0;
	deviceToHostBytes = 0;
	readonly sketch: Uint32Array = new Uint32Array(SKETCH_WORDS);

	read(ledger: StepLedger): void {
		this.launches = ledger.launches;
		this.isGraph = ledger.graphLaunches > 0;
		this.gridLog2 = Math.log2(Math.max(1, ledger.gridBlocks));
		this.deviceToHostBytes = ledger.deviceToHostBytes;
		this.sketch.set(ledger.functionSketch);
	}

	copyFrom(other: StepWork): void {
		this.launches = other.launches;
		this.isGraph = other.isGraph;
		this.gridLog2 = other.gridLog2;
		this.deviceToHostBytes = other.deviceToHostBytes;
		this.sketch.set(other.sketch);
	}

	/** Nothing distinguishes the two. */
	equals(other: StepWork): boolean {
		if (this.launches !== other.launches || this.gridLog2 !== other.gridLog2 || this.isGraph !== other.isGraph) {
			return false;
		}
		for (let i = 0; i < SKETCH_WORDS; i++) if (this.sketch[i] !== other.sketch[i]) return false;
		return true;
	}

	/** Average blocks a launch, log2. */
	get blocksPerLaunchLog2(): number {
		return this.gridLog2 - Math.log2(Math.max(1, this.launches));
	}
}

/** Steps of a run share this much of their kernels (Jaccard); measured: decodes 0.85 to 1, a prefill against them below 0.6. */
const ALIKE_KERNELS = 0.75;
/** and their grids differ by less than this factor (log2): a context that grows, a few requests that end, expert routing. */
const ALIKE_GRID_LOG2 = 0.4;

/** Do two steps belong to one run of equal steps? */
export function areAlike(a: StepWork, b: StepWork): boolean {
	return (
		a.isGraph === b.isGraph &&
		Math.abs(a.gridLog2 - b.gridLog2) <= ALIKE_GRID_LOG2 &&
		similarity(a.sketch, b.sketch) >= ALIKE_KERNELS
	);
}

/** Jaccard similarity of two sets of kernels, 0 to 1; 1 for two empty ones. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
	let both = 0;
	let either = 0;
	for (let i = 0; i < SKETCH_WORDS; i++) {
		both += bitCount((a[i] as number) & (b[i] as number));
		either += bitCount((a[i] as number) | (b[i] as number));
	}
	return either === 0 ? 1 : both / either;
}

export function bitCount(word: number): number {
	let n = word - ((word >>> 1) & 0x5555_5555);
	n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
	return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
