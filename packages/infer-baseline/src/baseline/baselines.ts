import { NONE } from '../internal/lru-slots';
import type { Judgement } from '../judgement';
import type { StepLedger } from '../ledger';
import { outlierBucket } from '../outlier/bucket';
import { LEVEL_GENERATION } from '../work/levels';
import { Spreads } from '../work/spreads';
import { unseenWorkSize } from '../work/work-size';
import { WorkTable } from '../work/work-table';
import { Troubles } from './troubles';
import type { WorkloadSnapshot } from './workload';
import { WorkloadTable, type WorkloadTableOptions } from './workload-table';

/** Kinds of work remembered for each workload, on average: most replay one graph, few have dozens. 1 KB a workload. */
const KINDS_PER_WORKLOAD = 4;
/** An engine of few workloads still sees dozens of batch sizes. */
const MIN_KINDS = 64;

export interface BaselinesOptions extends WorkloadTableOptions {
	readonly outlierRatio: number;
}

/**
 * Compares steps with their past, and lets them become it: the workload's own statistics, which are what is exported,
 * and those of each kind of work in it, which decide.
 */
export class Baselines {
	readonly #outlierRatio: number;
	readonly #workloads: WorkloadTable;
	readonly #work: WorkTable;
	readonly #spreads: Spreads;
	readonly #troubles: Troubles;
	#shifts = 0;
	#drifts = 0;

	constructor(options: BaselinesOptions) {
		this.#outlierRatio = options.outlierRatio;
		this.#workloads = new WorkloadTable(options);
		this.#spreads = new Spreads(options.capacity);
		this.#troubles = new Troubles(options.capacity);
		this.#work = new WorkTable(Math.max(MIN_KINDS, KINDS_PER_WORKLOAD * options.capacity));
	}

	get counts(): {
		readonly workloadEvictions: number;
		readonly workEvictions: number;
		readonly warmupIgnored: number;
		readonly shifts: number;
		readonly drifts: number;
	} {
		return {
			workloadEvictions: this.#workloads.evictions,
			workEvictions: this.#work.evictions,
			warmupIgnored: this.#workloads.warmupIgnored,
			shifts: this.#shifts,
			drifts: this.#drifts,
		};
	}

	/** Reads the baseline of a step that is not compared with it. */
	look(step: Judgement, ledger: StepLedger): void {
		const slot = this.#workloads.find(ledger, step.phase, NONE);
		if (slot !== NONE) this.#read(step, slot);
	}

	/**
	 * Compares a step with the baselines as they are, then lets it shape them, unless it is an outlier or they are frozen.
	 *
	 * @returns true when it did shape them
	 */
	judge(step: Judgement, ledger: StepLedger, frozen: boolean): boolean {
		let slot = this.#workloads.find(ledger, step.phase, step.workload);
		if (slot === NONE) {
			slot = this.#workloads.create(ledger, step.phase);
			this.#spreads.restart(slot);
			this.#troubles.restart(slot);
		}
		this.#workloads.observe(slot, step.duration);
		this.#read(step, slot);
		const kind = this.#work.expect(this.#workloads.serial(slot), step.workSize, ledger, step.kind);
		step.workload = slot;
		step.kind = kind;
		const isWarmed = this.#workloads.isWarmed(slot);
		const isKnown = this.#work.isKnown(kind);
		if (isWarmed) this.#compare(step, slot);
		if (isWarmed && isKnown) this.#troubles.compared(slot, step.bucket !== null);
		if (step.bucket !== null) {
			this.#workloads.countOutlier(slot, step.bucket);
			if (frozen || (!isKnown && this.#troubles.spoils(slot))) return false;
			// Else work that a neighbour or a pool calls slow would never be known by itself.
			if (step.isRare || !isKnown) this.#work.learn(kind, step.duration);
			else if (this.#work.resist(kind, step.duration, ledger.completedNs)) {
				this.#workloads.adopt(slot, step.thresholdNs);
				this.#spreads.restart(slot);
			}
			return false;
		}
		// A neighbour that finds it in order vouches for it.
		if (frozen || (!isKnown && !this.#work.hasNeighbour && this.#troubles.spoils(slot))) return false;
		this.#fold(step, slot, kind);
		return true;
	}

	/**
	 * Compares a step whose launches were not watched: with those of its workload that copied as much, or while these are too
	 * few with all of it. The workload's own statistics stay as they are.
	 */
	judgeUnseen(step: Judgement, ledger: StepLedger, frozen: boolean): void {
		const slot = this.#workloads.find(ledger, step.phase, NONE);
		if (slot === NONE) return;
		this.#workloads.observe(slot, step.duration);
		this.#read(step, slot);
		const kind = this.#work.expect(this.#workloads.serial(slot), unseenWorkSize(ledger), ledger, NONE);
		const isKnown = this.#work.isKnown(kind);
		if (this.#workloads.isWarmed(slot)) {
			if (isKnown) this.#compare(step, slot);
			// A few steps that copied as much may be of several sizes: until they have a spread, the larger threshold counts.
			const isSettled = isKnown && !Number.isNaN(this.#work.thresholdNs);
			if (!isSettled && !(step.thresholdNs > step.baselineP95Ns)) this.#compareWhole(step);
		}
		if (step.bucket !== null) this.#workloads.countOutlier(slot, step.bucket);
		if (frozen) return;
		if (step.bucket === null) this.#work.fold(kind, step.duration, this.#workloads.driftEpoch(slot));
		else if (isKnown) this.#work.resist(kind, step.duration, ledger.completedNs);
		else this.#work.learn(kind, step.duration);
	}

	forgetProcess(pid: number): void {
		this.#workloads.forgetProcess(pid);
	}

	snapshots(): WorkloadSnapshot[] {
		return this.#workloads.snapshots();
	}

	#read(step: Judgement, slot: number): void {
		step.baselineP95Ns = this.#workloads.p95Ns(slot);
		step.baselineMeanNs = this.#workloads.meanNs(slot);
	}

	#compare(step: Judgement, slot: number): void {
		step.expectedNs = this.#work.expectedNs;
		step.thresholdNs = this.#work.thresholdNs;
		if (Number.isNaN(step.thresholdNs)) step.thresholdNs = this.#spreads.spread(slot) * step.expectedNs;
		step.ratio = step.durationNs / step.thresholdNs;
		step.bucket = outlierBucket(step.ratio, this.#outlierRatio);
		if (step.bucket === null && this.#work.exceedsPool(step.duration)) this.#compareWithPool(step);
	}

	#compareWhole(step: Judgement): void {
		step.expectedNs = step.baselineMeanNs;
		step.thresholdNs = step.baselineP95Ns;
		step.ratio = step.durationNs / step.thresholdNs;
		step.bucket = outlierBucket(step.ratio, this.#outlierRatio);
	}

	/** Ordinary for what the engine enqueued meanwhile; but is it usual that it does? */
	#compareWithPool(step: Judgement): void {
		const thresholdNs = this.#work.poolP95Ns;
		const bucket = outlierBucket(step.durationNs / thresholdNs, this.#outlierRatio);
		if (bucket === null) return;
		step.expectedNs = this.#work.poolMedianNs;
		step.thresholdNs = thresholdNs;
		step.ratio = step.durationNs / thresholdNs;
		step.bucket = bucket;
		step.isRare = true;
	}

	#fold(step: Judgement, slot: number, kind: number): void {
		if (this.#work.isYoung(kind)) this.#spreads.observe(slot, step.durationNs, this.#work.medianNs(kind));
		if (this.#workloads.fold(slot, step.duration)) {
			this.#shifts += 1;
			step.change = {
				reason: 'shift',
				fromP95Ns: this.#workloads.adoptedFromNs(slot),
				toP95Ns: this.#workloads.p95Ns(slot),
				samples: this.#workloads.samples(slot),
			};
		}
		if (this.#work.fold(kind, step.duration, this.#workloads.driftEpoch(slot))) {
			this.#drifts += 1;
			this.#workloads.countDrift(slot);
			step.change = {
				reason: 'drift',
				fromP95Ns: this.#work.driftedFromNs,
				toP95Ns: this.#work.p95Ns(kind),
				samples: LEVEL_GENERATION,
			};
		}
	}
}
