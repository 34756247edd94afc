import { PREFILL_LOG2 } from './known-decode';
import { launchAlike, similarity } from './likeness';
import { LONG_RUN, type Run } from './run';
import { MODEL_LAUNCHES, type StepWork } from './step-work';

/** A prefill takes at least this many times as long as each of the decodes next to it: 18 to 49 times were measured. */
const SLOWER = 3;
/** and has at most this share of kernels and grids in common with them (Jaccard): 0 to 0.18 were measured. */
const UNLIKE_KERNELS = 0.5;
/** Slow steps from which on they are a habit: a single one may be whatever befell the host. */
const HABIT = 2;
/** Older ones do not count. */
const MOST = 4;

/**
 * Do the thread's runs of equal steps begin behind a slow step of other kernels? A compiler makes so few kernels of a model
 * that prefill and decode launch as many, and with a large cache the decode may have the larger grids. Then only time
 * tells which is which: the step between two runs takes several times as long as theirs, again and again.
 *
 * Durations count for this habit only, never for what a step is: a slow decode has the kernels of its run.
 */
export class SlowStarts {
	/** It is the thread's habit, by its latest long run. */
	areUsual = false;
	/** Slow steps next to a long run, less such steps that were not slow. */
	#count = 0;
	/** The one before the next long run is among them already. */
	#isCounted = false;
	/** Of the present run. */
	#fastestNs = 0;
	#slowestNs = 0;

	/** Takes a step that is the first of a run, after a run of this length; `run.last` is still the last of that. */
	begin(step: StepWork, run: Run, lengthBefore: number): void {
		if (lengthBefore >= LONG_RUN && isAsLarge(step, run.last) && this.#isSlow(step)) {
			this.#add(1);
			this.#isCounted = true;
		}
		this.#fastestNs = step.workNs;
		this.#slowestNs = step.workNs;
	}

	/**
	 * Takes a step that goes on with a run.
	 *
	 * @returns true when slow starts are usual from now on
	 */
	goOn(step: StepWork, run: Run): boolean {
		this.#fastestNs = Math.min(this.#fastestNs, step.workNs);
		this.#slowestNs = Math.max(this.#slowestNs, step.workNs);
		if (run.length !== LONG_RUN) return false;
		const wereUsual = this.areUsual;
		if (isAsLarge(run.before, step)) this.#look(step, run);
		this.#isCounted = false;
		return this.areUsual && !wereUsual;
	}

	/** Has the present run begun behind a slow step, that read back a token for every sequence as its decodes do? */
	isBehindSlowStep(step: StepWork, run: Run): boolean {
		const { before, beforeAt } = run;
		// The first step of a thread may hold its set-up.
		if (beforeAt <= 1 || before.deviceToHostBytes !== step.deviceToHostBytes) return false;
		return isOtherProgram(before, step) && this.#isSlow(before);
	}

	/** Where grids do not tell what the step before a long run is. */
	#look(step: StepWork, run: Run): void {
		if (this.isBehindSlowStep(step, run)) {
			if (!this.#isCounted) this.#add(1);
			if (this.#count >= HABIT) this.areUsual = true;
		} else if (run.before.workNs < SLOWER * this.#fastestNs) {
			this.#add(-1);
			if (this.#count < HABIT) this.areUsual = false;
		}
	}

	#isSlow(step: StepWork): boolean {
		return this.#slowestNs > 0 && step.workNs >= SLOWER * this.#slowestNs;
	}

	#add(count: number): void {
		this.#count = Math.max(0, Math.min(MOST, this.#count + count));
	}
}

/** Does the step run other kernels than the run, but about as many, and in grids that do not tell it for a prefill? */
function isAsLarge(step: StepWork, ofRun: StepWork): boolean {
	return step.gridLog2 - ofRun.gridLog2 < PREFILL_LOG2 && isOtherProgram(step, ofRun);
}

function isOtherProgram(a: StepWork, b: StepWork): boolean {
	if (a.isGraph || b.isGraph || Math.min(a.launches, b.launches) < MODEL_LAUNCHES) return false;
	return launchAlike(a, b) && areOtherKernels(a, b);
}

/** Do the two have no more in common than a prefill has with a decode? */
export function areOtherKernels(a: StepWork, b: StepWork): boolean {
	return similarity(a, b) <= UNLIKE_KERNELS;
}
