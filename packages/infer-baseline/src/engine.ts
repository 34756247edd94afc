import { Baselines } from './baseline/baselines';
import type { WorkloadSnapshot } from './baseline/workload';
import type { EngineCounters } from './counters';
import { NONE } from './internal/lru-slots';
import { Judgement } from './judgement';
import { isEmpty, type StepLedger } from './ledger';
import { type EngineOptions, type EngineSettings, resolveOptions } from './options';
import { readContext } from './outlier/context';
import { type Severity, SeverityGate } from './outlier/severity-gate';
import { HeldPhases } from './phase/held-phases';
import type { StepPhase } from './phase/phase';
import { ThreadTable } from './threads/thread-table';
import { type MutableVerdict, makeVerdict, type StepVerdict } from './verdict';
import { workSize } from './work/work-size';

/** Longer than any engine iteration: a debugger, a suspended machine, a hang that ended. Inclusive. */
const MAX_STEP_NS = 60e9;
/** What decides the phase of a step whose launches were not watched. */
const HELD = 'held';

/**
 * Turns completed ledgers into steps, keeps a baseline per workload and kind of work, and says how every step compares
 * with it.
 *
 * A step runs from the previous completion of its thread to its own. Deterministic: the same ledgers give the
 * same verdicts; there is no clock, no randomness and no I/O. Every call is O(1) and never throws on a well-typed
 * ledger. Memory is bounded by `maxWorkloads`, in numbers and in bytes.
 *
 * @throws TypeError from the constructor, naming the wrong option and its value
 */
export class InferenceEngine {
	readonly #settings: EngineSettings;
	readonly #threads: ThreadTable;
	readonly #baselines: Baselines;
	readonly #held: HeldPhases;
	readonly #severity: SeverityGate;
	/** The step at hand. */
	readonly #step = new Judgement();
	readonly #steps: Record<StepPhase, number> = { '': 0, prefill: 0, decode: 0, mixed: 0, unknown: 0 };
	readonly #outliers = { '1.5x': 0, '2x': 0, '3x': 0 };
	readonly #counts = {
		ledgers: 0,
		invalid: 0,
		backwards: 0,
		empty: 0,
		nonPositive: 0,
		tooLong: 0,
		folded: 0,
		first: 0,
		tainted: 0,
		idleResumes: 0,
		paused: 0,
		contextErrors: 0,
		unseen: 0,
	};

	constructor(options: EngineOptions = {}) {
		this.#settings = resolveOptions(options);
		const { maxWorkloads, warmupSteps, fingerprintKey, histogramBoundsNs, pauseOnSeverity } = this.#settings;
		this.#threads = new ThreadTable(maxWorkloads);
		this.#baselines = new Baselines({
			capacity: maxWorkloads,
			warmupSteps,
			fingerprintKey,
			boundsNs: histogramBoundsNs,
			outlierRatio: this.#settings.outlierRatio,
		});
		this.#held = new HeldPhases(maxWorkloads);
		this.#severity = new SeverityGate(pauseOnSeverity);
	}

	/**
	 * Takes the next completed ledger; those of one thread in order of completion.
	 *
	 * @returns the verdict, or undefined when the ledger is no valid step; {@link counters} says why
	 */
	observe(ledger: StepLedger): StepVerdict | undefined {
		return this.#take(ledger) ? this.#verdict(ledger) : undefined;
	}

	/**
	 * As {@link observe}, for callers that want to hear of trouble only: allocates nothing for a step in order.
	 *
	 * @returns the verdict of an outlier or of a step with a `shift`, else undefined
	 */
	detect(ledger: StepLedger): StepVerdict | undefined {
		if (!this.#take(ledger)) return undefined;
		return this.#step.bucket === null && this.#step.change === undefined ? undefined : this.#verdict(ledger);
	}

	/**
	 * Reports the worst severity among a process's causal chains; replaces the last report, which holds for 30 s.
	 * From the threshold on, the process's steps leave the baselines as they are; outliers are still reported.
	 *
	 * @param severity undefined: no chains any more
	 * @param nowNs time of the report, on the ledgers' clock
	 */
	setSeverity(pid: number, severity: Severity | undefined, nowNs: number): void {
		this.#severity.report(pid, severity, nowNs);
	}

	/** Forgets all about a process that exited, so that another one with its pid starts cold. */
	forgetProcess(pid: number): void {
		this.#threads.forgetProcess(pid);
		this.#held.forgetProcess(pid);
		this.#baselines.forgetProcess(pid);
		this.#severity.forgetProcess(pid);
		this.#settings.classifier?.forgetProcess?.(pid);
	}

	/** All tracked workloads as they are now, the least recently updated first. Refreshes none of them. */
	workloads(): readonly WorkloadSnapshot[] {
		return this.#baselines.snapshots();
	}

	/** Upper bounds of the buckets in {@link workloads}, ns; one more bucket takes the rest. */
	get histogramBoundsNs(): readonly number[] {
		return this.#settings.histogramBoundsNs;
	}

	/** A copy of all counters; they only rise. */
	get counters(): EngineCounters {
		return {
			...this.#counts,
			steps: { ...this.#steps },
			outliers: { ...this.#outliers },
			...this.#baselines.counts,
			threadEvictions: this.#threads.evictions,
		};
	}

	/** Makes a step of a ledger and judges it. @returns false when it is none */
	#take(ledger: StepLedger): boolean {
		this.#counts.ledgers += 1;
		const endNs = ledger.completedNs;
		if (!Number.isFinite(endNs)) {
			this.#counts.invalid += 1;
			return false;
		}
		const thread = this.#threads.find(ledger.pid, ledger.tid);
		if (thread === NONE) return this.#takeFirst(ledger);

		const previousNs = this.#threads.completedNs(thread);
		if (endNs < previousNs) {
			this.#counts.backwards += 1;
			return false;
		}
		this.#threads.moveAnchor(thread, endNs);
		if (isEmpty(ledger)) {
			this.#counts.empty += 1;
			return false;
		}
		const step = this.#step;
		this.#begin(ledger);
		step.tainted = ledger.lossy;
		if (step.tainted) {
			step.startNs = previousNs;
			if (!this.#isValidDuration(ledger)) return false;
			this.#counts.tainted += 1;
			this.#baselines.look(step, ledger);
			return true;
		}
		// A pipelined engine enqueues before the previous step completes: no gap.
		step.gapNs = ledger.firstWorkNs > previousNs ? ledger.firstWorkNs - previousNs : 0;
		step.continuesRun = this.#threads.continuesRun(thread, step);
		step.idle = this.#threads.pauses.isIdle(thread, step);
		step.startNs = step.idle ? ledger.firstWorkNs : previousNs;
		if (!this.#isValidDuration(ledger)) return false;
		this.#threads.pauses.add(thread, step);
		if (ledger.launchesUnseen) {
			this.#counts.unseen += 1;
			this.#baselines.judgeUnseen(step, ledger, this.#severity.isPaused(ledger.pid, ledger.completedNs));
			if (step.bucket !== null) this.#outliers[step.bucket] += 1;
			return true;
		}
		this.#threads.hint(thread, step);
		this.#judge(ledger);
		this.#threads.remember(thread, step);
		this.#held.remember(ledger, step.phase);
		return true;
	}

	/** Where the step began is not known, only where its work did: reported, but neither folded nor judged. */
	#takeFirst(ledger: StepLedger): boolean {
		const thread = this.#threads.create(ledger.pid, ledger.tid, ledger.completedNs);
		if (isEmpty(ledger)) {
			this.#counts.empty += 1;
			return false;
		}
		const step = this.#step;
		this.#begin(ledger);
		step.first = true;
		step.tainted = ledger.lossy;
		step.startNs = ledger.firstWorkNs;
		if (!this.#isValidDuration(ledger)) return false;
		this.#counts.first += 1;
		if (step.tainted) this.#counts.tainted += 1;
		else if (!ledger.launchesUnseen) this.#threads.remember(thread, step);
		this.#baselines.look(step, ledger);
		return true;
	}

	#judge(ledger: StepLedger): void {
		const step = this.#step;
		const paused = this.#severity.isPaused(ledger.pid, ledger.completedNs);
		const folded = this.#baselines.judge(step, ledger, paused);
		if (step.bucket !== null) this.#outliers[step.bucket] += 1;
		else if (step.idle) this.#counts.idleResumes += 1;
		if (folded) this.#counts.folded += 1;
		else if (step.bucket === null) this.#counts.paused += 1;
	}

	#begin(ledger: StepLedger): void {
		const { classifier } = this.#settings;
		if (classifier === undefined) this.#step.begin('', undefined, workSize(ledger));
		else if (ledger.launchesUnseen) this.#step.begin(this.#held.phaseOf(ledger), HELD, workSize(ledger));
		else this.#step.begin(classifier.classify(ledger), classifier.evidence, workSize(ledger));
	}

	/** Measures the step from where it began; counts it, or what is wrong with it. */
	#isValidDuration(ledger: StepLedger): boolean {
		const step = this.#step;
		const durationNs = ledger.completedNs - step.startNs;
		if (durationNs > MAX_STEP_NS) {
			this.#counts.tooLong += 1;
			return false;
		}
		if (!(durationNs > 0)) {
			this.#counts.nonPositive += 1;
			return false;
		}
		step.duration[0] = durationNs;
		this.#steps[step.phase] += 1;
		return true;
	}

	#verdict(ledger: StepLedger): StepVerdict {
		const verdict = makeVerdict(ledger, this.#step);
		if (verdict.bucket !== null) this.#describe(verdict);
		const { change } = this.#step;
		if (change !== undefined) verdict.shift = { ...change, eventId: this.#settings.newEventId(verdict) };
		return verdict;
	}

	/** Adds what only an outlier carries. */
	#describe(verdict: MutableVerdict): void {
		const { context, newEventId } = this.#settings;
		const found = readContext(context, verdict, () => {
			this.#counts.contextErrors += 1;
		});
		verdict.outlier = { eventId: newEventId(verdict), ...found };
	}
}
