import { SKETCH_WORDS } from '../../internal/sketch';
import type { StepLedger } from '../../ledger';
import type { Phase } from '../phase';
import { Admissions, uploadsPrompt } from './admissions';
import { KERNEL_EVIDENCE_WORDS, KernelEvidence } from './kernel-evidence';
import { KnownDecode, PREFILL_LOG2 } from './known-decode';
import type { LearnerMemory } from './learner-memory';
import { launchAlike } from './likeness';
import { LONG_RUN, RUN_WORDS, Run } from './run';
import { areOtherKernels, SlowStarts } from './slow-starts';
import { MODEL_LAUNCHES, type StepWork } from './step-work';

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
	/** It launches its kernels one by one on a thread whose decodes replay graphs. */
	| 'no_graph'
	/** It reads back tokens of more requests than the step before, or, on a thread where such steps come, does not. */
	| 'admission'
	/** It uploads many times what it reads back, as the tokens of a prompt. */
	| 'upload'
	/** It is one of a run of equal steps or the other one before them, where these were known to be slow. */
	| 'slow_start'
	/** Nothing speaks for a phase. */
	| 'none';

/** Equal steps in a row that make a run. */
const RUN_STEPS = 3;
/** Prefill and decode of one model launch about as many kernels, unless the decode is a graph; experts vary it. */
const PLAUSIBLE_LAUNCHES = 8;
/** Until large step and run have come so often that they are a habit. */
const HABIT = 2;
/** Guesses that are not made any more when so many more were wrong than right. */
const LEAST_TRUST = -2;
/** Older right guesses than these do not count. */
const MOST_TRUST = 3;
/** A decode's launches are small. Whoever sees only one prefill asks for this too (log2 of blocks a launch). */
const SMALL_LAUNCH_LOG2 = 11.5;
/** No decode fills a GPU this often over in its average launch (log2 of blocks a launch). */
const LARGE_LAUNCH_LOG2 = 12;
/** Log odds from which kernels decide; below, work does. */
const SURE = 3;
/** Kernels decide only for a step that shows this share of known ones: another model's are other kernels. */
const FAMILIAR = 0.7;
/** or this share, when it launches as many as a decode: another batch size is in other grids. */
const HALF_FAMILIAR = 0.5;
const VERY_FAMILIAR = 0.95;
/** Examples of either phase from which kernels outweigh what the requests that come and go say. */
const WELL_KNOWN = 4;
/** Prefills in a row that are believed without a decode among them: training and embedding do the same for ever. */
const PREFILLS_WITHOUT_DECODE = 2;
/** One more where the step uploads what looks like a prompt. */
const UPLOADS_WITHOUT_DECODE = 3;
/** Words of memory that a learner needs: a run, a decode, and what it knows of kernels. */
export const LEARNER_WORDS: number = RUN_WORDS + SKETCH_WORDS + KERNEL_EVIDENCE_WORDS;

/** Learns the phases of one thread from its steps, in order. */
export class PhaseLearner {
	readonly #kernels: KernelEvidence;
	readonly #admissions = new Admissions();
	readonly #slowStarts = new SlowStarts();
	readonly #run: Run;
	readonly #decode: KnownDecode;
	#phase: Phase = 'unknown';
	#evidence: PhaseEvidence = 'none';
	/** Guesses by less work that went on as a run, less those that did not. */
	#guessTrust = 0;
	/** The present run has been looked at: does it follow a prefill? */
	#hasLooked = false;
	/** Runs that came after a step of many times their launches. */
	#implausibleRuns = 0;
	/** Steps taken for prefills since the last decode, on the word of their size alone. */
	#prefillGuesses = 0;

	/** @param at first of {@link LEARNER_WORDS} words of memory, all 0 */
	constructor(memory: LearnerMemory, at: number) {
		this.#run = new Run(memory, at);
		this.#decode = new KnownDecode(memory, at + RUN_WORDS);
		this.#kernels = new KernelEvidence(memory, at + RUN_WORDS + SKETCH_WORDS);
	}

	/** What decided the latest step. */
	get evidence(): PhaseEvidence {
		return this.#evidence;
	}

	/** Takes the next step if it repeats the decode before it in every respect, as most decodes do. */
	repeatsDecode(ledger: StepLedger): boolean {
		const run = this.#run;
		if (this.#phase !== 'decode' || run.length < LONG_RUN || !run.last.isRepeatedBy(ledger)) return false;
		run.repeat();
		this.#evidence = 'run';
		return true;
	}

	/** Takes the next step. */
	observe(step: StepWork): Phase {
		const run = this.#run;
		const admits = run.steps > 0 && this.#admissions.observe(step, run.last, this.#decode.isKnown);
		// A guess holds for steps that do as much: the first decodes of a batch may run other kernels than the rest.
		const lengthBefore = run.length;
		const goesOn = run.take(step, this.#evidence === 'less_work');
		if (!goesOn) this.#slowStarts.begin(step, run, lengthBefore);
		else if (this.#slowStarts.goOn(step, run) && !this.#admissions.seen) this.#startOver(step);
		if (this.#evidence === 'less_work') {
			this.#guessTrust = goesOn ? Math.min(MOST_TRUST, this.#guessTrust + 1) : this.#guessTrust - 1;
		}
		if (admits) this.#admit(step);
		else if (goesOn) this.#continueRun(step);
		else this.#classify(step);
		if (this.#phase === 'decode') {
			this.#prefillGuesses = 0;
			if (run.length >= RUN_STEPS && isSparse(run.length)) this.#learnDecode(step);
		}
		run.remember(step);
		return this.#phase;
	}

	#admit(step: StepWork): void {
		this.#kernels.learnPrefill(step);
		this.#decide(this.#prefillOrMixed(step), 'admission');
	}

	#continueRun(step: StepWork): void {
		if (this.#phase === 'decode') {
			this.#evidence = 'run';
		} else if (this.#isTimeToLook() && this.#followsPrefill(step)) {
			this.#kernels.learnPrefill(this.#run.before);
			this.#kernels.learnDecode(this.#run.last);
			this.#decide('decode', 'less_work');
		} else {
			this.#classify(step);
		}
	}

	/** The run has shown that slow starts are usual, so what grids have taught until now is of no use. */
	#startOver(step: StepWork): void {
		this.#kernels.forget();
		this.#kernels.learnPrefill(this.#run.before);
		this.#kernels.learnDecode(step);
		this.#decode.learn(step);
	}

	#learnDecode(step: StepWork): void {
		this.#kernels.learnDecode(step);
		this.#decode.learn(step);
		if (this.#run.length === RUN_STEPS && this.#isPrefillBefore(step)) this.#kernels.learnPrefill(this.#run.before);
	}

	#classify(step: StepWork): void {
		const lastPhase = this.#phase;
		this.#phase = 'unknown';
		this.#evidence = 'none';
		if (step.isGraph) this.#decideGraph(step);
		else if (this.#admissions.seen) this.#amongRequests(step);
		else if (!this.#run.isSteady) return;
		else if (this.#decode.isOutdoneByUploadOf(step)) this.#decide('prefill', 'upload');
		else if (this.#slowStarts.areUsual && launchAlike(step, this.#decode.work)) this.#amongSlowStarts(step, lastPhase);
		else if (this.#byKernels(step)) return;
		else if (this.#decode.isKnown && this.#isComparable(step, this.#decode.work)) this.#besideDecodes(step, lastPhase);
		else this.#cold(step);
	}

	/** Frameworks that compile whole programs replay a graph for a prompt, too. */
	#decideGraph(step: StepWork): void {
		if (this.#decode.isOutdoneByUploadOf(step)) this.#decide('prefill', 'upload');
		else this.#decide('decode', 'graph');
	}

	#byKernels(step: StepWork): boolean {
		const odds = this.#kernels.weigh(step);
		const { familiarity } = this.#kernels;
		if (Math.abs(odds) < SURE || familiarity < (odds > 0 && this.#decode.launchesAs(step) ? HALF_FAMILIAR : FAMILIAR)) {
			return false;
		}
		if (odds > 0 ? this.#decode.fitsSeveralTimesIn(step) : this.#isDecodeByCount(step)) return false;
		if (odds > 0) this.#decide('decode', 'kernels');
		else if (familiarity >= VERY_FAMILIAR) this.#decide('prefill', 'kernels');
		else this.#guessPrefill('kernels');
		return true;
	}

	/** Requests come and go, and this step admits none: the rest of a prompt cut in chunks, or a decode. */
	#amongRequests(step: StepWork): void {
		if (this.#decode.isGraph) {
			this.#decide(this.#prefillOrMixed(step), 'no_graph');
			return;
		}
		const isUsual = this.#admissions.isUsual(step);
		if (!isUsual && this.#decode.isKnown && step.launches === this.#decode.work.launches) {
			this.#decide('decode', 'kernels');
			return;
		}
		const odds = this.#kernels.examples >= WELL_KNOWN ? this.#kernels.weigh(step) : 0;
		if (Math.abs(odds) >= SURE) {
			this.#decide(odds > 0 ? 'decode' : this.#prefillOrMixed(step), 'kernels');
		} else if (!isUsual) {
			this.#decide('decode', 'admission');
			this.#learnDecode(step);
		} else if (this.#admissions.isUsual(step, 0)) {
			this.#decide(this.#prefillOrMixed(step), 'admission');
		}
	}

	#besideDecodes(step: StepWork, lastPhase: Phase): void {
		const isLess = this.#doesFractionOfLast(step);
		const isMore = this.#decode.isFarBelow(step);
		// Both: the first decode of a batch that is larger than the one before, after a prefill that is larger still.
		if (isLess && !(isMore && lastPhase !== 'prefill')) this.#decide('decode', 'less_work');
		else if (this.#isDecodeByCount(step)) this.#decide('decode', 'kernels');
		else if (isMore && !this.#decode.isGraph) this.#guessPrefill('more_work');
		else if (isMore && step.launches >= MODEL_LAUNCHES) this.#guessPrefill('no_graph');
	}

	/** Grids do not tell phases here. Prefills come one at a time, decodes in runs. */
	#amongSlowStarts(step: StepWork, lastPhase: Phase): void {
		const { length } = this.#run;
		if (length >= RUN_STEPS) this.#decide('decode', 'slow_start');
		else if (this.#byKernels(step)) return;
		else if (!areOtherKernels(step, this.#decode.work)) this.#decide('decode', 'slow_start');
		else if (lastPhase === (length > 1 ? 'prefill' : 'decode')) this.#guessPrefill('slow_start');
		else if (lastPhase === 'prefill') this.#decide('decode', 'slow_start');
	}

	#cold(step: StepWork): void {
		if (this.#run.steps === 1) {
			if (step.blocksPerLaunchLog2 >= LARGE_LAUNCH_LOG2) this.#guessPrefill('more_work');
		} else if (this.#doesFractionOfLast(step)) {
			this.#decide('decode', 'less_work');
		}
		if (this.#phase === 'unknown' && step.launches >= MODEL_LAUNCHES && uploadsPrompt(step)) {
			this.#guessPrefill('upload');
		}
	}

	#guessPrefill(evidence: PhaseEvidence): void {
		this.#prefillGuesses += 1;
		const most = evidence === 'upload' ? UPLOADS_WITHOUT_DECODE : PREFILLS_WITHOUT_DECODE;
		if (this.#prefillGuesses <= most) this.#decide('prefill', evidence);
	}

	/** Once a run: at its third step, or at the sixth where the thread is not steady before. */
	#isTimeToLook(): boolean {
		const { length, isSteady } = this.#run;
		if (length === RUN_STEPS) this.#hasLooked = isSteady;
		return (length === RUN_STEPS && isSteady) || (length === LONG_RUN && !this.#hasLooked);
	}

	/** A run of steps, each a fraction of the one step before it: a prefill and its decodes. */
	#followsPrefill(step: StepWork): boolean {
		if (!this.#isPrefillBefore(step)) return false;
		// A growing read-back is requests that are admitted.
		if (step.deviceToHostBytes > this.#run.last.deviceToHostBytes && this.#admissions.seen) return false;
		// The first step of a thread may hold its set-up; alone it proves nothing about steps that are large themselves.
		if (this.#run.beforeAt === 1 && step.blocksPerLaunchLog2 > SMALL_LAUNCH_LOG2) return false;
		const odds = this.#kernels.weigh(step);
		return this.#kernels.familiarity < FAMILIAR || odds > -SURE;
	}

	#isPrefillBefore(step: StepWork): boolean {
		const { before, beforeAt } = this.#run;
		if (beforeAt === 0 || before.isGraph) return false;
		if (this.#slowStarts.areUsual) return this.#slowStarts.isBehindSlowStep(step, this.#run);
		if (step.isGraph) return before.gridLog2 > step.gridLog2;
		if (before.gridLog2 - step.gridLog2 < PREFILL_LOG2) return false;
		if (this.#isComparable(before, step)) return true;
		this.#implausibleRuns += 1;
		return this.#implausibleRuns >= HABIT;
	}

	/** Does no more than a decode, in a number of launches that only decodes had. */
	#isDecodeByCount(step: StepWork): boolean {
		const isMore = this.#decode.isFarBelow(step);
		return !isMore && this.#decode.launchesAs(step) && this.#kernels.launchesAsDecodesOnly(step);
	}

	/** Could the two be steps of one model? */
	#isComparable(a: StepWork, b: StepWork): boolean {
		if (a.isGraph || b.isGraph || this.#implausibleRuns >= HABIT) return true;
		return a.launches <= PLAUSIBLE_LAUNCHES * b.launches && b.launches <= PLAUSIBLE_LAUNCHES * a.launches;
	}

	/** Among requests that come and go: one that reads back no less than the step before holds its decodes, too, if any. */
	#prefillOrMixed(step: StepWork): Phase {
		return !this.#decode.isKnown || step.deviceToHostBytes >= this.#run.last.deviceToHostBytes ? 'mixed' : 'prefill';
	}

	/** As a decode after its prefill. Guesses that were not followed by their like say that this thread does not generate. */
	#doesFractionOfLast(step: StepWork): boolean {
		const fraction = this.#run.last.gridLog2 - step.gridLog2 >= PREFILL_LOG2;
		return fraction && this.#guessTrust > LEAST_TRUST && this.#isComparable(this.#run.last, step);
	}

	#decide(phase: Phase, evidence: PhaseEvidence): void {
		this.#phase = phase;
		this.#evidence = evidence;
	}
}

/** The third, and powers of two: a long run teaches less with every step. */
function isSparse(length: number): boolean {
	return length === RUN_STEPS || (length & (length - 1)) === 0;
}
