import { SKETCH_WORDS, type StepWork } from './step-work';

const BITS = 32 * SKETCH_WORDS;
/** Launch counts are a category, not a quantity: 663 and 679 launches are two code paths of one model. */
const LAUNCH_CELLS = 64;
const CELLS = BITS + LAUNCH_CELLS;
/** At this many examples all counts of a phase are halved: what was learned long ago fades. */
const FULL = 64;
/** Part of an example that every cell of a phase has seen without being told. */
const PRIOR = 0.5;
/** One kernel says no more than this, so that a single rare one does not outvote all others. */
const MOST_PER_CELL = 2;

/**
 * Which kernels, in which grids, and which launch counts went with prefills and which with decodes: a naive Bayes
 * over the bits of the function sketch, with counts that fade. 640 bytes.
 */
export class KernelEvidence {
	readonly #prefill = new Uint8Array(CELLS);
	readonly #decode = new Uint8Array(CELLS);
	#prefills = 0;
	#decodes = 0;

	get knowsBoth(): boolean {
		return this.#prefills > 0 && this.#decodes > 0;
	}

	learnPrefill(step: StepWork): void {
		if (this.#prefills >= FULL) this.#prefills = halve(this.#prefill, this.#prefills);
		this.#prefills += 1;
		add(this.#prefill, step);
	}

	learnDecode(step: StepWork): void {
		if (this.#decodes >= FULL) this.#decodes = halve(this.#decode, this.#decodes);
		this.#decodes += 1;
		add(this.#decode, step);
	}

	/** Share of the step's kernels that were seen in either phase, 0 to 1. */
	familiarity(step: StepWork): number {
		let known = 0;
		let all = 0;
		forEachCell(step, (cell) => {
			if (cell >= BITS) return;
			all += 1;
			if ((this.#prefill[cell] as number) + (this.#decode[cell] as number) > 0) known += 1;
		});
		return all === 0 ? 0 : known / all;
	}

	/** Log odds of decode against prefill: positive is decode. 0 until both were seen. */
	decodeLogOdds(step: StepWork): number {
		if (!this.knowsBoth) return 0;
		let odds = 0;
		for (let cell = 0; cell < CELLS; cell++) {
			const prefill = this.#prefill[cell] as number;
			const decode = this.#decode[cell] as number;
			if (prefill + decode === 0) continue;
			const p = (prefill + PRIOR) / (this.#prefills + 2 * PRIOR);
			const d = (decode + PRIOR) / (this.#decodes + 2 * PRIOR);
			const weight = has(step, cell) ? Math.log(d / p) : Math.log((1 - d) / (1 - p));
			odds += Math.max(-MOST_PER_CELL, Math.min(MOST_PER_CELL, weight));
		}
		return odds;
	}
}

function launchCell(step: StepWork): number {
	return BITS + (Math.imul(step.launches, 0x9e37_79b1) >>> 26);
}

function has(step: StepWork, cell: number): boolean {
	if (cell >= BITS) return launchCell(step) === cell;
	return (((step.sketch[cell >>> 5] as number) >>> (cell & 31)) & 1) === 1;
}

function forEachCell(step: StepWork, visit: (cell: number) => void): void {
	for (let cell = 0; cell < BITS; cell++) if (has(step, cell)) visit(cell);
	visit(launchCell(step));
}

function add(counts: Uint8Array, step: StepWork): void {
	forEachCell(step, (cell) => {
		counts[cell] = (counts[cell] as number) + 1;
	});
}

function halve(counts: Uint8Array, examples: number): number {
	for (let cell = 0; cell < CELLS; cell++) counts[cell] = (counts[cell] as number) >>> 1;
	return examples >>> 1;
}
