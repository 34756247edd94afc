import type { WorkloadSnapshot } from './baseline/workload';
import { WorkloadTable } from './baseline/workload-table';
import type { EngineCounters } from './counters';
import { NONE } from './internal/lru-slots';
import { isEmpty, type StepLedger } from './ledger';
import { type EngineOptions, type EngineSettings, resolveOptions } from './options';
import { outlierBucket } from './outlier/bucket';
import { readContext } from './outlier/context';
import { type Severity, SeverityGate } from './outlier/severity-gate';
import type { StepPhase } from './phase/phase';
import { ThreadTable } from './thread-table';
import type { StepVerdict } from './verdict';

/** Longer than any engine iteration: a debugger, a suspended machine, a hang that ended. Inclusive. */
const MAX_STEP_NS = 60e9;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Turns completed ledgers into steps, keeps a baseline per workload, and says how every step compares with it.
 *
 * A step runs from the previous completion of its thread to its own. Deterministic: the same ledgers give the
 * same verdicts; there is no clock, no randomness and no I/O. `observe` is O(1), never throws on a well-typed
 * ledger, and allocates its verdict only. Memory is bounded by `maxWorkloads`, in numbers and in bytes.
 *
 * @throws TypeError from the constructor, naming the wrong option and its value
 */
export class InferenceEngine {
	readonly #settings: EngineSettings;
	readonly #threads: ThreadTable;
	readonly #workloads: WorkloadTable;
	readonly #severity: SeverityGate;
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
	};

	constructor(options: EngineOptions = {}) {
		this.#settings = resolveOptions(options);
		const { maxWorkloads, warmupSteps, fingerprintKey, histogramBoundsNs, pauseOnSeverity } = this.#settings;
		this.#threads = new ThreadTable(maxWorkloads);
		this.#workloads = new WorkloadTable({
			capacity: maxWorkloads,
			warmupSteps,
			fingerprintKey,
			boundsNs: histogramBoundsNs,
		});
		this.#severity = new SeverityGate(pauseOnSeverity);
	}

	/**
	 * Takes the next completed ledger; those of one thread in order of completion.
	 *
	 * @returns the verdict, or undefined when the ledger is no valid step; {@link counters} says why
	 */
	observe(ledger: StepLedger): StepVerdict | undefined {
		this.#counts.ledgers += 1;
		const endNs = ledger.completedNs;
		if (!Number.isFinite(endNs)) {
			this.#counts.invalid += 1;
			return undefined;
		}
		const thread = this.#threads.find(ledger.pid, ledger.tid);
		if (thread === NONE) return this.#observeFirst(ledger);

		const previousNs = this.#threads.completedNs(thread);
		if (endNs < previousNs) {
			this.#counts.backwards += 1;
			return undefined;
		}
		this.#threads.moveAnchor(thread, endNs);
		if (isEmpty(ledger)) {
			this.#counts.empty += 1;
			return undefined;
		}

		const phase = this.#classify(ledger);
		// A pipelined engine enqueues before the previous step completes: no gap.
		const gapNs = ledger.firstWorkNs > previousNs ? ledger.firstWorkNs - previousNs : 0;
		const idle = !ledger.lossy && this.#threads.isIdleGap(thread, gapNs);
		const startNs = idle ? ledger.firstWorkNs : previousNs;
		if (!this.#isValidDuration(endNs - startNs)) return undefined;
		this.#steps[phase] += 1;
		if (ledger.lossy) {
			this.#counts.tainted += 1;
			return this.#verdict(ledger, phase, startNs, this.#workloads.find(ledger, phase));
		}
		this.#threads.addGap(thread, gapNs);
		return this.#judge(ledger, phase, startNs, idle);
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
		this.#workloads.forgetProcess(pid);
		this.#severity.forgetProcess(pid);
		this.#settings.classifier?.forgetProcess?.(pid);
	}

	/** All tracked workloads as they are now, the least recently updated first. Refreshes none of them. */
	workloads(): readonly WorkloadSnapshot[] {
		return this.#workloads.snapshots();
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
			warmupIgnored: this.#workloads.warmupIgnored,
			workloadEvictions: this.#workloads.evictions,
			threadEvictions: this.#threads.evictions,
		};
	}

	/** Where the step began is not known, only where its work did: reported, but neither folded nor judged. */
	#observeFirst(ledger: StepLedger): StepVerdict | undefined {
		this.#threads.create(ledger.pid, ledger.tid, ledger.completedNs);
		if (isEmpty(ledger)) {
			this.#counts.empty += 1;
			return undefined;
		}
		const phase = this.#classify(ledger);
		if (!this.#isValidDuration(ledger.completedNs - ledger.firstWorkNs)) return undefined;
		this.#steps[phase] += 1;
		this.#counts.first += 1;
		if (ledger.lossy) this.#counts.tainted += 1;
		const verdict = this.#verdict(ledger, phase, ledger.firstWorkNs, this.#workloads.find(ledger, phase));
		verdict.first = true;
		return verdict;
	}

	#judge(ledger: StepLedger, phase: StepPhase, startNs: number, idle: boolean): StepVerdict {
		let slot = this.#workloads.find(ledger, phase);
		if (slot === NONE) slot = this.#workloads.create(ledger, phase);
		const verdict = this.#verdict(ledger, phase, startNs, slot);
		this.#workloads.observe(slot, verdict.durationNs);
		verdict.idle = idle;
		if (verdict.baselineP95Ns !== null) {
			verdict.ratio = verdict.durationNs / verdict.baselineP95Ns;
			verdict.bucket = outlierBucket(verdict.ratio, this.#settings.outlierRatio);
		}
		if (verdict.bucket !== null) {
			this.#outliers[verdict.bucket] += 1;
			this.#workloads.countOutlier(slot, verdict.bucket);
			this.#describe(verdict);
		} else if (idle) {
			this.#counts.idleResumes += 1;
		} else if (this.#severity.isPaused(ledger.pid, ledger.completedNs)) {
			this.#counts.paused += 1;
		} else {
			this.#counts.folded += 1;
			this.#workloads.fold(slot, verdict.durationNs);
		}
		return verdict;
	}

	#classify(ledger: StepLedger): StepPhase {
		return this.#settings.classifier === undefined ? '' : this.#settings.classifier.classify(ledger);
	}

	#isValidDuration(durationNs: number): boolean {
		if (durationNs > MAX_STEP_NS) this.#counts.tooLong += 1;
		else if (durationNs > 0) return true;
		else this.#counts.nonPositive += 1;
		return false;
	}

	/** @param slot the workload to compare with, or NONE */
	#verdict(ledger: StepLedger, phase: StepPhase, startNs: number, slot: number): Mutable<StepVerdict> {
		const baselineP95Ns = slot === NONE ? null : this.#workloads.p95Ns(slot);
		return {
			pid: ledger.pid,
			tid: ledger.tid,
			cgroupPathHash: ledger.cgroupPathHash,
			streamHandle: ledger.streamHandle,
			phase,
			kernelFingerprint: ledger.kernelFingerprint,
			startNs,
			endNs: ledger.completedNs,
			durationNs: ledger.completedNs - startNs,
			launches: ledger.launches,
			graphLaunches: ledger.graphLaunches,
			gridBlocks: ledger.gridBlocks,
			memcpyBytes: ledger.memcpyBytes,
			ncclCalls: ledger.ncclCalls,
			memfragEvents: ledger.memfragEvents,
			bucket: null,
			ratio: null,
			baselineP95Ns,
			baselineMeanNs: slot === NONE ? null : this.#workloads.meanNs(slot),
			warmed: baselineP95Ns !== null,
			idle: false,
			tainted: ledger.lossy,
			first: false,
		};
	}

	/** Adds what only an outlier carries. */
	#describe(verdict: Mutable<StepVerdict>): void {
		const { context, newEventId } = this.#settings;
		const found = readContext(context, verdict, () => {
			this.#counts.contextErrors += 1;
		});
		verdict.outlier = { eventId: newEventId(verdict), ...found };
	}
}
