import { integerOption } from '../../internal/check';
import { NONE } from '../../internal/lru-slots';
import { ThreadSlots } from '../../internal/thread-slots';
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
 * Tells phases by the work that steps enqueue, learned per thread while they come: no labels, and never a step's own
 * duration.
 *
 * A run of equal steps after one that did several times their work is a prefill and its decodes; the kernels, grids
 * and launch counts seen in either then classify steps of any size. Where prefills do no more work than
 * decodes, kernels are learned from the slow steps that usually come before runs. Steps that nothing speaks for are
 * `unknown`: training, embedding and vision loops stay so.
 *
 * @throws TypeError for a wrong option
 */
export class AutoClassifier implements PhaseClassifier {
	readonly #slots: ThreadSlots;
	readonly #learners: PhaseLearner[] = [];
	readonly #memory = new LearnerMemory(LEARNER_WORDS);
	readonly #step: StepWork = new StepWork(this.#memory, this.#memory.scratch);
	/** Slot of the latest step: most steps come from the thread of the one before. */
	#latest: number = NONE;

	constructor(options: AutoClassifierOptions = {}) {
		const maxThreads = integerOption('maxThreads', options.maxThreads ?? DEFAULT_MAX_THREADS, 1);
		this.#slots = new ThreadSlots(maxThreads);
	}

	/** What decided the phase of the latest step. */
	get evidence(): PhaseEvidence {
		return this.#latest === NONE ? 'none' : (this.#learners[this.#latest] as PhaseLearner).evidence;
	}

	classify(ledger: StepLedger): Phase {
		if (this.#latest === NONE || !this.#slots.isOf(this.#latest, ledger.pid, ledger.tid)) {
			this.#latest = this.#slotOf(ledger.pid, ledger.tid);
		}
		const learner = this.#learners[this.#latest] as PhaseLearner;
		if (learner.repeatsDecode(ledger)) return 'decode';
		this.#step.read(ledger);
		return learner.observe(this.#step);
	}

	forgetProcess(pid: number): void {
		this.#slots.forgetProcess(pid);
		this.#latest = NONE;
	}

	#slotOf(pid: number, tid: number): number {
		const known = this.#slots.find(pid, tid);
		if (known !== NONE) {
			this.#slots.touch(known);
			return known;
		}
		const slot = this.#slots.create(pid, tid);
		this.#learners[slot] = new PhaseLearner(this.#memory, this.#memory.clear(slot));
		return slot;
	}
}
