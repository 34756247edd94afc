import type { Phase } from '../phase';
import { KernelEvidence } from './kernel-evidence';
import { areAlike, StepWork } from './step-work';

/** What decided a step's phase. */
export type PhaseEvidence =
	/** It goes on with a run of equal steps whose phase is known. */
	| 'run'
	/** Its kernels, grids and launch count went with this phase before. */
	| 'kernels'
	/** It does a fraction of the work of the step before, as a decode does after its prefill. */
	| 'less_work'
	/** It does a multiple of the work of the decodes. */
	| 'more_work'
	/** It replays a graph and launches next to nothing. */
	| 'graph'
	/** Nothing speaks for a phase. */
	| 'none';

/** Equal steps in a row that make a run. */
const RUN_STEPS = 3;
/** A prefill does at least this much more than a decode (log2 of grid blocks): 8.7 to 32 times were measured. */
const PREFILL_LOG2 = Math.log2(3);
/** Prefill and decode of one model launch about as many kernels, unless the decode is a graph; experts vary it. */
const PLAUSIBLE_LAUNCHES = 8;
/** A decode's launches are small. Whoever sees only one prefill asks for this too (log2 of blocks a launch). */
const SMALL_LAUNCH_LOG2 = 11.5;
/** No decode fills a GPU this often over in its average launch (log2 of blocks a launch). */
const LARGE_LAUNCH_LOG2 = 12;
/** A step that replays a graph and launches no more than this beside it runs its model in the graph. */
const GRAPH_LAUNCHES = 50;
/** Log odds from which kernels decide; below, work does. */
const SURE = 3;
/** Kernels decide only for a step that shows this share of known ones: another model's are other kernels. */
const FAMILIAR = 0.7;
/** Equal steps in a row that were taken for prefills: nobody prefills the same for so long. Training does. */
const ENDLESS_PREFILL = 6;
const VERY_FAMILIAR = 0.95;

/** Learns the phases of one thread from its steps, in order. About 1 kB. */
export class PhaseLearner {
	readonly #kernels = new KernelEvidence();
	/** The step before. */
	readonly #last = new StepWork();
	/** The step before the present run. */
	readonly #before = new StepWork();
	/** The latest step known to be a decode. */
	readonly #decode = new StepWork();
	#hasDecode = false;
	#steps = 0;
	/** Of `#before`: its place in the thread's steps, 0 when there is none. */
	#beforeAt = 0;
	#runLength = 0;
	#phase: Phase = 'unknown';
	#evidence: PhaseEvidence = 'none';
	/** Decodes that followed a decode of a larger batch: requests end between steps. */
	#batchChanges = 0;
	/** Guesses by less work that went on as a run, less those that did not. */
	#guessTrust = 0;

	/** What decided the latest step. */
	get evidence(): PhaseEvidence {
		return this.#evidence;
	}

	observe(step: StepWork): Phase {
		this.#steps += 1;
		if (this.#steps > 1 && step.equals(this.#last) && this.#phase === 'decode' && this.#runLength > RUN_STEPS) {
			this.#runLength += 1;
			this.#evidence = 'run';
			return 'decode';
		}
		if (this.#steps > 1 && areAlike(step, this.#last)) this.#continueRun(step);
		else this.#startRun(step);
		this.#last.copyFrom(step);
		return this.#phase;
	}

	#continueRun(step: StepWork): void {
		this.#runLength += 1;
		if (this.#evidence === 'less_work') this.#guessTrust = Math.min(3, this.#guessTrust + 1);
		this.#evidence = 'run';
		if (this.#phase === 'decode') {
			this.#followBatch(step);
		} else if (this.#runLength === RUN_STEPS && this.#followsPrefill(step)) {
			this.#kernels.learnPrefill(this.#before);
			this.#kernels.learnDecode(this.#last);
			this.#phase = 'decode';
			this.#evidence = 'less_work';
		} else {
			this.#classify(step);
			this.#doubtPrefill(step);
		}
		if (this.#phase === 'decode' && this.#runLength >= RUN_STEPS && isSparse(this.#runLength)) {
			this.#kernels.learnDecode(step);
			this.#decode.copyFrom(step);
			this.#hasDecode = true;
			if (this.#runLength === RUN_STEPS && this.#isPrefillBefore(step)) this.#kernels.learnPrefill(this.#before);
		}
	}

	#startRun(step: StepWork): void {
		const previous = this.#phase;
		if (this.#evidence === 'less_work') this.#guessTrust -= 1;
		if (this.#steps > 1) {
			this.#before.copyFrom(this.#last);
			this.#beforeAt = this.#steps - 1;
		}
		this.#runLength = 1;
		this.#classify(step);
		if (previous === 'decode' && this.#phase === 'decode') this.#followBatch(step);
	}

	#classify(step: StepWork): void {
		this.#phase = 'unknown';
		this.#evidence = 'none';
		if (step.isGraph && step.launches <= GRAPH_LAUNCHES) {
			this.#decide('decode', 'graph');
			return;
		}
		if (this.#kernels.knowsBoth && this.#kernels.familiarity(step) >= FAMILIAR) {
			const odds = this.#kernels.decodeLogOdds(step);
			if (Math.abs(odds) >= SURE) {
				this.#decide(odds > 0 ? 'decode' : this.#prefillOrMixed(step), 'kernels');
				return;
			}
		}
		if (this.#hasDecode && this.#isComparable(step, this.#decode)) {
			const more = step.gridLog2 - this.#decode.gridLog2;
			if (more >= PREFILL_LOG2) this.#decide(this.#prefillOrMixed(step), 'more_work');
			else if (this.#mayGuess && this.#last.gridLog2 - step.gridLog2 >= PREFILL_LOG2)
				this.#decide('decode', 'less_work');
		} else if (this.#steps > 1 && this.#last.gridLog2 - step.gridLog2 >= PREFILL_LOG2) {
			if (this.#mayGuess && this.#isComparable(this.#last, step)) this.#decide('decode', 'less_work');
		} else if (this.#steps === 1 && !step.isGraph && step.blocksPerLaunchLog2 >= LARGE_LAUNCH_LOG2) {
			this.#decide('prefill', 'more_work');
		}
	}

	/** A run of steps, each a fraction of the one step before it: a prefill and its decodes. */
	#followsPrefill(step: StepWork): boolean {
		if (!this.#isPrefillBefore(step)) return false;
		// The first step of a thread may hold its set-up; alone it proves nothing about steps that are large themselves.
		if (this.#beforeAt === 1 && !step.isGraph && step.blocksPerLaunchLog2 > SMALL_LAUNCH_LOG2) return false;
		if (!this.#kernels.knowsBoth || this.#kernels.familiarity(step) < FAMILIAR) return true;
		return this.#kernels.decodeLogOdds(step) > -SURE;
	}

	#isPrefillBefore(step: StepWork): boolean {
		const before = this.#before;
		if (this.#beforeAt === 0 || (before.isGraph && before.launches <= GRAPH_LAUNCHES)) return false;
		if (step.isGraph) return before.gridLog2 > step.gridLog2;
		return before.gridLog2 - step.gridLog2 >= PREFILL_LOG2 && this.#isComparable(before, step);
	}

	/** Could the two be steps of one model? */
	#isComparable(a: StepWork, b: StepWork): boolean {
		if (a.isGraph || b.isGraph) return true;
		return a.launches <= PLAUSIBLE_LAUNCHES * b.launches && b.launches <= PLAUSIBLE_LAUNCHES * a.launches;
	}

	#doubtPrefill(step: StepWork): void {
		if (this.#phase === 'decode' || this.#runLength < ENDLESS_PREFILL) return;
		if (this.#kernels.familiarity(step) < VERY_FAMILIAR) this.#decide('unknown', 'none');
	}

	/** Reads back more than the decodes around it, where requests come and go: prefill and decodes in one step. */
	#prefillOrMixed(step: StepWork): Phase {
		const goesOn = this.#batchChanges >= 2 && step.deviceToHostBytes >= this.#last.deviceToHostBytes;
		return goesOn ? 'mixed' : 'prefill';
	}

	/** A batch that grows without a prefill is one that was chosen, not one of requests that come and go. */
	#followBatch(step: StepWork): void {
		const change = step.deviceToHostBytes - this.#last.deviceToHostBytes;
		if (change < 0) this.#batchChanges += 1;
		else if (change > 0) this.#batchChanges = 0;
	}

	/** Guesses that were not followed by their like say that this thread does not generate. */
	get #mayGuess(): boolean {
		return this.#guessTrust > -2;
	}

	#decide(phase: Phase, evidence: PhaseEvidence): void {
		this.#phase = phase;
		this.#evidence = evidence;
	}
}

/** Powers of two and the first few: a long run teaches less with every step. */
function isSparse(length: number): boolean {
	return length <= 6 || (length & (length - 1)) === 0;
}
