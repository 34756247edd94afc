import { integerOption } from '../../internal/check';
import type { StepLedger } from '../../ledger';
import type { Phase, PhaseClassifier } from '../phase';
import { LearnerMemory } from './learner-memory';
import { LEARNER_WORDS, type PhaseEvidence, PhaseLearner } from './phase-learner';
import { StepWork } from './step-work';

const DEFAULT_MAX_THREADS = 1024;

/** Options of {@link AutoClassifier}. */
export interface AutoClassifierOptions {
	/** Threads learned at once; the least recently seen one is forgotten. Default 1024. */
	readonly maxThreads?: number;
}

/**
 * Tells phases by the work that steps enqueue, learned per thread while they come: no labels, no durations.
 *
 * A run of equal steps after one that did several times their work is a prefill and its decodes; the kernels, grids
 * and launch counts seen in either then classify steps of any size. Steps that nothing speaks for are `unknown`:
 * training, embedding and vision loops stay so.
 *
 * @throws TypeError for a wrong option
 */
export class AutoClassifier implements PhaseClassifier {
	readonly #maxThreads: number;
	/** Least recently seen first. */
	readonly #threads = new Map<number, Map<number, PhaseLearner>>();
	#count = 0;
	readonly #memory = new LearnerMemory(LEARNER_WORDS);
	readonly #step: StepWork = new StepWork(this.#memory, this.#memory.scratch);
	#latest: PhaseLearner | undefined;
	#latestPid = -1;
	#latestTid = -1;

	constructor(options: AutoClassifierOptions = {}) {
		this.#maxThreads = integerOption('maxThreads', options.maxThreads ?? DEFAULT_MAX_THREADS, 1);
	}

	/** What decided the phase of the latest step. */
	get evidence(): PhaseEvidence {
		return this.#latest?.evidence ?? 'none';
	}

	classify(ledger: StepLedger): Phase {
		if (this.#latest === undefined || this.#latestPid !== ledger.pid || this.#latestTid !== ledger.tid) {
			this.#latest = this.#learner(ledger.pid, ledger.tid);
			this.#latestPid = ledger.pid;
			this.#latestTid = ledger.tid;
		}
		this.#step.read(ledger);
		return this.#latest.observe(this.#step);
	}

	forgetProcess(pid: number): void {
		for (const learner of this.#threads.get(pid)?.values() ?? []) this.#forget(learner);
		this.#threads.delete(pid);
		if (this.#latestPid === pid) this.#latest = undefined;
	}

	#learner(pid: number, tid: number): PhaseLearner {
		let threads = this.#threads.get(pid);
		if (threads === undefined) threads = new Map();
		else this.#threads.delete(pid);
		this.#threads.set(pid, threads);
		let learner = threads.get(tid);
		if (learner === undefined) {
			learner = new PhaseLearner(this.#memory, this.#memory.allocate());
			this.#count += 1;
		} else {
			threads.delete(tid);
		}
		threads.set(tid, learner);
		if (this.#count > this.#maxThreads) this.#forgetOldest();
		return learner;
	}

	#forgetOldest(): void {
		const [pid, threads] = this.#threads.entries().next().value as [number, Map<number, PhaseLearner>];
		const [tid, learner] = threads.entries().next().value as [number, PhaseLearner];
		threads.delete(tid);
		if (threads.size === 0) this.#threads.delete(pid);
		this.#forget(learner);
	}

	#forget(learner: PhaseLearner): void {
		this.#count -= 1;
		this.#memory.release(learner.at);
	}
}
