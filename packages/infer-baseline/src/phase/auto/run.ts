import { SKETCH_WORDS } from '../../internal/sketch';
import type { LearnerMemory } from './learner-memory';
import { areAlike, doAlikeWork } from './likeness';
import { StepWork } from './step-work';

/** Weight of a step in the share of steps that are like the one before. */
const STEADY_WEIGHT = 1 / 64;
/** Who generates repeats itself, token by token; below this share steps are as different as the texts of an embedding. */
const STEADY_SHARE = 0.3;
/** So many steps are not alike by chance. */
export const LONG_RUN = 6;

/** Words of memory that a run needs. */
export const RUN_WORDS: number = 2 * SKETCH_WORDS;

/** The present run of equal steps of a thread, and the step before it. */
export class Run {
	/** The step before the one at hand, which need not belong to the run. */
	readonly last: StepWork;
	/** The step before the run. */
	readonly before: StepWork;
	/** Of `before`: its place in the thread's steps, 0 when there is none. */
	beforeAt = 0;
	/** Steps in the run, with the one at hand. */
	length = 0;
	/** Steps of the thread, with the one at hand. */
	steps = 0;
	#steadyShare = 0.4;

	/** @param at first of {@link RUN_WORDS} words of memory */
	constructor(memory: LearnerMemory, at: number) {
		this.last = new StepWork(memory, at);
		this.before = new StepWork(memory, at + SKETCH_WORDS);
	}

	/** Many steps of the thread are like the one before, or the latest few all are: it repeats itself. */
	get isSteady(): boolean {
		return this.#steadyShare >= STEADY_SHARE || this.length >= LONG_RUN;
	}

	/**
	 * Takes the next step; {@link remember} it when it has been dealt with.
	 *
	 * @param byWork steps that do the same work by other kernels go on with the run, too
	 * @returns whether it goes on with the run
	 */
	take(step: StepWork, byWork: boolean): boolean {
		const isFirst = this.steps === 0;
		this.steps += 1;
		const goesOn = !isFirst && (areAlike(step, this.last) || (byWork && doAlikeWork(step, this.last)));
		this.#steadyShare += ((goesOn ? 1 : 0) - this.#steadyShare) * STEADY_WEIGHT;
		if (goesOn) {
			this.length += 1;
		} else {
			if (!isFirst) this.before.copyFrom(this.last);
			this.beforeAt = this.steps - 1;
			this.length = 1;
		}
		return goesOn;
	}

	/** Takes a step that repeats the last one. */
	repeat(): void {
		this.steps += 1;
		this.length += 1;
		this.#steadyShare += (1 - this.#steadyShare) * STEADY_WEIGHT;
	}

	remember(step: StepWork): void {
		this.last.copyFrom(step);
	}
}
