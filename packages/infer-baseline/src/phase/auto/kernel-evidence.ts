import { bitCount, SKETCH_WORDS } from '../../internal/sketch';
import type { LearnerMemory } from './learner-memory';
import type { StepWork } from './step-work';

const BITS = 32 * SKETCH_WORDS;
/** Launch counts are a category, not a quantity: 663 and 679 launches are two code paths of one model. */
const LAUNCH_CELLS = 64;
const CELLS = BITS + LAUNCH_CELLS;
/** Words of memory that it needs: a byte for each cell and phase. */
export const KERNEL_EVIDENCE_WORDS: number = (2 * CELLS) / 4;

/** At this many examples all counts of a phase are halved: what was learned long ago fades. */
const FULL = 64;
/** One kernel says no more than this, so that a single rare one does not outvote all others. */
const MOST_PER_CELL = 2;

/**
 * Which kernels, in which grids, and which launch counts went with prefills and which with decodes: a naive Bayes
 * over the bits of the function sketch, with counts that fade.
 */
export class KernelEvidence {
	readonly #memory: LearnerMemory;
	/** First bytes of the two phases' counts. */
	readonly #prefill: number;
	readonly #decode: number;
	#prefills = 0;
	#decodes = 0;
	#odds = 0;
	#known = 0;
	#kernels = 0;

	/** @param at first of {@link KERNEL_EVIDENCE_WORDS} words of memory, all 0 */
	constructor(memory: LearnerMemory, at: number) {
		this.#memory = memory;
		this.#prefill = 4 * at;
		this.#decode = 4 * at + CELLS;
	}

	/** How many there were of the phase with fewer, faded. */
	get examples(): number {
		return Math.min(this.#prefills, this.#decodes);
	}

	forget(): void {
		this.#memory.bytes.fill(0, this.#prefill, this.#prefill + 2 * CELLS);
		this.#prefills = 0;
		this.#decodes = 0;
	}

	learnPrefill(step: StepWork): void {
		this.#prefills = this.#learn(this.#prefill, this.#prefills, step);
	}

	learnDecode(step: StepWork): void {
		this.#decodes = this.#learn(this.#decode, this.#decodes, step);
	}

	/**
	 * Compares a step with what is known; {@link familiarity} is about it from then on.
	 *
	 * @returns log odds of decode against prefill: positive is decode; 0 before both phases were seen
	 */
	weigh(step: StepWork): number {
		this.#odds = 0;
		this.#known = 0;
		this.#kernels = 0;
		if (this.examples === 0) return 0;
		const { words } = this.#memory;
		const scale = logHalves(2 * this.#prefills + 2) - logHalves(2 * this.#decodes + 2);
		for (let word = 0; word < SKETCH_WORDS; word++) {
			const bits = step.sketchWord(word);
			this.#kernels += bitCount(bits);
			for (let bit = 0; bit < 32; bit += 4) this.#weighFour(words, 32 * word + bit, bits >>> bit, scale);
		}
		const launches = launchCell(step);
		for (let cell = BITS; cell < CELLS; cell += 4) {
			this.#weighFour(words, cell, launches >>> 2 === cell >>> 2 ? 1 << (launches & 3) : 0, scale);
		}
		if (this.#isKnown(launches)) this.#known -= 1;
		return this.#odds;
	}

	/** Share of the step's kernels that were seen in either phase, 0 to 1. */
	get familiarity(): number {
		return this.#kernels === 0 ? 0 : this.#known / this.#kernels;
	}

	/** Decodes launched as many kernels, and no prefill ever did. */
	launchesAsDecodesOnly(step: StepWork): boolean {
		const { bytes } = this.#memory;
		const cell = launchCell(step);
		return bytes[this.#decode + cell] !== 0 && bytes[this.#prefill + cell] === 0;
	}

	/** Of most four cells in a row nothing is known: one look at each phase's word tells. */
	#weighFour(words: Uint32Array, cell: number, seen: number, scale: number): void {
		if ((words[(this.#prefill + cell) >>> 2] as number) + (words[(this.#decode + cell) >>> 2] as number) === 0) return;
		for (let i = 0; i < 4; i++) if (this.#isKnown(cell + i)) this.#weighCell(cell + i, ((seen >>> i) & 1) === 1, scale);
	}

	#isKnown(cell: number): boolean {
		const { bytes } = this.#memory;
		return (bytes[this.#prefill + cell] as number) + (bytes[this.#decode + cell] as number) > 0;
	}

	#weighCell(cell: number, isSeen: boolean, scale: number): void {
		const { bytes } = this.#memory;
		const prefill = bytes[this.#prefill + cell] as number;
		const decode = bytes[this.#decode + cell] as number;
		if (isSeen) this.#known += 1;
		const weight = isSeen
			? logHalves(2 * decode + 1) - logHalves(2 * prefill + 1)
			: logHalves(2 * (this.#decodes - decode) + 1) - logHalves(2 * (this.#prefills - prefill) + 1);
		this.#odds += Math.max(-MOST_PER_CELL, Math.min(MOST_PER_CELL, weight + scale));
	}

	#learn(counts: number, before: number, step: StepWork): number {
		const { bytes } = this.#memory;
		let examples = before;
		if (examples >= FULL) {
			for (let cell = counts; cell < counts + CELLS; cell++) bytes[cell] = (bytes[cell] as number) >>> 1;
			examples >>>= 1;
		}
		for (let word = 0; word < SKETCH_WORDS; word++) {
			// From bit to bit that is set; `bits & -bits` is the lowest.
			for (let bits = step.sketchWord(word); bits !== 0; bits &= bits - 1) {
				const cell = counts + 32 * word + 31 - Math.clz32(bits & -bits);
				bytes[cell] = (bytes[cell] as number) + 1;
			}
		}
		const launches = counts + launchCell(step);
		bytes[launches] = (bytes[launches] as number) + 1;
		return examples + 1;
	}
}

/**
 * Logarithms of all counts there are, in halves: every cell has half an example with it and half an example without.
 * Multiples of 2^-20, so that sums are exact and the order of cells, which follows from addresses, changes nothing.
 */
const LOG_HALVES = Float64Array.from(
	{ length: 2 * FULL + 3 },
	(_, halves) => Math.round(Math.log(Math.max(1, halves) / 2) * 2 ** 20) / 2 ** 20,
);

function logHalves(halves: number): number {
	return LOG_HALVES[halves] as number;
}

function launchCell(step: StepWork): number {
	return BITS + (Math.imul(step.launches, 0x9e37_79b1) >>> 26);
}
