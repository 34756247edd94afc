import { attribute, hostDelayNs, type Surroundings } from './attribution';
import { type Explanation, explanationOf } from './explanation';
import { Lockstep } from './lockstep';
import { type Measures, measuresOf } from './measures';
import type { CauseStep } from './step';
import { Strangers } from './strangers';
import { ProcessWorkloads, type RecentStep, type Workload } from './workload';

const DEFAULT_MAX_WORKLOADS = 1024;
/** Launches near the edge of a step may be counted with its neighbour. */
const EDGE_LAUNCHES = 4;
/** Waiting for a lock that takes less of a step is not worth noticing. */
const LOCKED_SHARE = 1 / 20;

/** Options of a {@link CauseAnalyzer}. */
export interface CauseAnalyzerOptions {
	/** Workloads (threads times phases) that are remembered, 1 KB each. Default 1,024. */
	readonly maxWorkloads?: number;
}

/**
 * Learns where the time of ordinary steps goes, and explains slow ones by what is different in them.
 *
 * Deterministic: no clock, no randomness. `observe` is O(1) for an ordinary step.
 */
export class CauseAnalyzer {
	readonly #maxWorkloads: number;
	/** By pid, the one first seen first. */
	readonly #processes = new Map<number, ProcessWorkloads>();
	#workloadCount = 0;
	readonly #lockstep = new Lockstep();
	readonly #strangers = new Strangers();

	/** @throws TypeError when `maxWorkloads` is no positive integer */
	constructor({ maxWorkloads = DEFAULT_MAX_WORKLOADS }: CauseAnalyzerOptions = {}) {
		if (!Number.isSafeInteger(maxWorkloads) || maxWorkloads < 1) {
			throw new TypeError(`maxWorkloads: expected a positive integer, got ${maxWorkloads}`);
		}
		this.#maxWorkloads = maxWorkloads;
	}

	/**
	 * Takes the next step; those of one thread in order of completion.
	 *
	 * @param slow an outlier, to be explained; the others teach what is usual
	 * @returns why it was slow; undefined for an ordinary step, and for one without evidence or without anything to
	 * compare it with
	 */
	observe(step: CauseStep, slow: boolean): Explanation | undefined {
		const { pid, endNs, durationNs, evidence } = step;
		this.#lockstep.completed(pid, endNs, durationNs, !slow, step.ncclCalls > 0);
		if (evidence === undefined) return undefined;
		const [process, workload] = this.#workload(step);
		const copies = process.copyBacklog(step.tid);
		const copyBacklogBytes = copies.take(evidence.otherCopiedBytes, durationNs);
		const measures = measuresOf(step, evidence);
		if (evidence.neighbourPid !== 0 && !this.#lockstep.arePeers(pid, evidence.neighbourPid)) {
			this.#strangers.met(pid, endNs, durationNs);
		}
		const explanation =
			slow && workload.usual.isKnown ? this.#explain(step, measures, copyBacklogBytes, workload) : undefined;
		// What was not compared may have been slow; but better a doubtful usual than none.
		if (!slow && (step.warmed !== false || !workload.usual.isKnown)) {
			workload.usual.learn(measures);
			copies.learn(evidence.otherCopiedBytes);
			workload.lockedNs = 0;
		}
		process.remember({ endNs, measures, usual: workload.usual });
		return explanation;
	}

	/** Forgets a process that ended. */
	forgetProcess(pid: number): void {
		this.#workloadCount -= this.#processes.get(pid)?.size ?? 0;
		this.#processes.delete(pid);
		this.#lockstep.forget(pid);
		this.#strangers.forget(pid);
	}

	#explain(step: CauseStep, measures: Measures, copyBacklogBytes: number, workload: Workload): Explanation {
		const usual = workload.usual.medians();
		const around = this.#surroundings(step, measures, usual, workload, copyBacklogBytes);
		workload.lockedNs = Math.max(0, measures.lockNs - usual.lockNs);
		return explanationOf(attribute(measures, usual, around), step.durationNs - (step.expectedNs ?? usual.durationNs));
	}

	#surroundings(
		step: CauseStep,
		measures: Measures,
		usual: Measures,
		workload: Workload,
		copyBacklogBytes: number,
	): Surroundings {
		const { pid, endNs, durationNs, throttleReasons = 0 } = step;
		const peers = this.#lockstep.peersOf(pid);
		const manyLaunches = measures.foreignLaunches > workload.usual.upperQuartiles().foreignLaunches + EDGE_LAUNCHES;
		// Peers on other GPUs launch too, and what slows them down slows us down.
		if (manyLaunches && (peers.length === 0 || this.#strangers.hasMet(pid))) {
			this.#strangers.launched(pid, endNs, durationNs);
		}
		const lockedNs = Math.max(0, measures.lockNs - usual.lockNs) + workload.lockedNs;
		return {
			throttled: BigInt(throttleReasons) !== 0n,
			sharesGpu: this.#strangers.isNear(pid, endNs),
			inLockstep: peers.length > 0,
			peerDelayNs: peers.reduce((most, peer) => Math.max(most, this.#delayNs(peer, endNs - durationNs)), 0),
			locked: lockedNs > durationNs * LOCKED_SHARE,
			copyBacklogBytes,
		};
	}

	/** What a process lost to causes on its host in steps that ended after `sinceNs`. */
	#delayNs(pid: number, sinceNs: number): number {
		const process = this.#processes.get(pid);
		const delayNs = (step: RecentStep | undefined) =>
			step === undefined || step.endNs < sinceNs || !step.usual.isKnown
				? 0
				: hostDelayNs(step.measures, step.usual.medians());
		return delayNs(process?.latest) + delayNs(process?.beforeLatest);
	}

	#workload({ pid, tid, phase }: CauseStep): [ProcessWorkloads, Workload] {
		let process = this.#processes.get(pid);
		const known = process?.find(tid, phase);
		if (process !== undefined && known !== undefined) return [process, known];
		if (this.#workloadCount >= this.#maxWorkloads) {
			this.forgetProcess(this.#processes.keys().next().value as number);
			process = this.#processes.get(pid);
		}
		if (process === undefined) {
			process = new ProcessWorkloads();
			this.#processes.set(pid, process);
		}
		this.#workloadCount += 1;
		return [process, process.create(tid, phase)];
	}
}
