import { known } from '../internal/known';
import type { StepLedger } from '../ledger';
import { OUTLIER_BUCKETS, type OutlierBucket } from '../outlier/bucket';
import type { StepPhase } from '../phase/phase';
import { HistogramTable } from './histogram-table';
import { P_SQUARE_FIELDS, PSquare, pSquareCount, pSquareValue } from './p-square';
import { settleWarmUp } from './warm-up';
import type { WorkloadSnapshot } from './workload';
import { WorkloadKeys } from './workload-keys';

const P95 = new PSquare(0.95);
/** Weight of the newest sample in the mean: a level change is half adopted after 14 steps. */
const MEAN_ALPHA = 0.05;
/** A row of statistics: the P² estimator, then the mean. */
const MEAN = P_SQUARE_FIELDS;
const ROW = P_SQUARE_FIELDS + 1;

export interface WorkloadTableOptions {
	readonly capacity: number;
	readonly warmupSteps: number;
	readonly fingerprintKey: boolean;
	readonly boundsNs: readonly number[];
}

/**
 * The baselines of at most `capacity` workloads; a new one takes the place of the least recently updated. A slot costs
 * 126 bytes beside its key and histogram; while it warms up, 8 more a sample.
 */
export class WorkloadTable {
	readonly #keys: WorkloadKeys;
	readonly #histograms: HistogramTable;
	readonly #warmupSteps: number;
	readonly #rows: Float64Array;
	readonly #outliers: Uint32Array;
	readonly #sinceNs: Float64Array;
	readonly #serial: Uint32Array;
	readonly #driftEpoch: Uint16Array;
	/** 95th percentile of the level before the present one; 0: there was none. */
	readonly #adoptedFromNs: Float64Array;
	/** Samples of a workload that is warming up, in order of arrival; undefined once it is warmed. */
	readonly #warmUp: (number[] | undefined)[] = [];
	#warmupIgnored = 0;
	#serials = 0;

	constructor(options: WorkloadTableOptions) {
		const { capacity, boundsNs } = options;
		this.#keys = new WorkloadKeys(capacity, options.fingerprintKey);
		this.#histograms = new HistogramTable(capacity, boundsNs);
		this.#warmupSteps = options.warmupSteps;
		this.#rows = new Float64Array(capacity * ROW);
		this.#outliers = new Uint32Array(capacity * OUTLIER_BUCKETS.length);
		this.#sinceNs = new Float64Array(capacity);
		this.#serial = new Uint32Array(capacity);
		this.#driftEpoch = new Uint16Array(capacity);
		this.#adoptedFromNs = new Float64Array(capacity);
	}

	get size(): number {
		return this.#keys.size;
	}

	get evictions(): number {
		return this.#keys.evictions;
	}

	/** Warm-up samples left out as gross; see {@link settleWarmUp}. */
	get warmupIgnored(): number {
		return this.#warmupIgnored;
	}

	/** The workload's slot, or NONE. Does not count as an update. @param hint a live slot to try first, or NONE */
	find(ledger: StepLedger, phase: StepPhase, hint: number): number {
		return this.#keys.find(ledger, phase, hint);
	}

	/** A cold entry for a workload that {@link find} did not find. */
	create(ledger: StepLedger, phase: StepPhase): number {
		const slot = this.#keys.insert(ledger, phase);
		this.#sinceNs[slot] = ledger.completedNs;
		this.#outliers.fill(0, slot * OUTLIER_BUCKETS.length, (slot + 1) * OUTLIER_BUCKETS.length);
		this.#histograms.restart(slot);
		this.#restart(slot);
		this.#adoptedFromNs[slot] = 0;
		return slot;
	}

	/** Names the workload's present level: a new number for every {@link create} and every {@link adopt}. */
	serial(slot: number): number {
		return this.#serial[slot] as number;
	}

	/** Changes with every {@link countDrift}. */
	driftEpoch(slot: number): number {
		return this.#driftEpoch[slot] as number;
	}

	countDrift(slot: number): void {
		this.#driftEpoch[slot] = (this.#driftEpoch[slot] as number) + 1;
	}

	/** Counts a valid step and makes its workload the most recently updated one. */
	observe(slot: number, durationNs: Float64Array): void {
		this.#keys.touch(slot);
		this.#histograms.observe(slot, durationNs);
	}

	countOutlier(slot: number, bucket: OutlierBucket): void {
		const cell = slot * OUTLIER_BUCKETS.length + OUTLIER_BUCKETS.indexOf(bucket);
		this.#outliers[cell] = (this.#outliers[cell] as number) + 1;
	}

	/**
	 * Lets a step shape the baseline.
	 *
	 * @returns true when this step completes the warm-up of a level that {@link adopt} began
	 */
	fold(slot: number, durationNs: Float64Array): boolean {
		const collected = this.#warmUp[slot];
		if (collected === undefined) {
			this.#foldSettled(slot, durationNs);
			return false;
		}
		collected.push(durationNs[0] as number);
		const usual = settleWarmUp(collected, this.#warmupSteps);
		if (usual === undefined) return false;
		for (const sample of usual) this.#foldSettled(slot, Float64Array.of(sample));
		this.#warmupIgnored += collected.length - usual.length;
		this.#warmUp[slot] = undefined;
		return (this.#adoptedFromNs[slot] as number) > 0;
	}

	/** Gives the level up and warms up anew; the histogram and the outlier counts go on. */
	adopt(slot: number, fromP95Ns: number): void {
		this.#restart(slot);
		this.#adoptedFromNs[slot] = fromP95Ns;
	}

	/** The 95th percentile of the level that {@link adopt} replaced. */
	adoptedFromNs(slot: number): number {
		return this.#adoptedFromNs[slot] as number;
	}

	isWarmed(slot: number): boolean {
		return this.#warmUp[slot] === undefined;
	}

	/** Samples in the baseline, or collected so far. */
	samples(slot: number): number {
		return this.#warmUp[slot]?.length ?? pSquareCount(this.#rows, slot * ROW);
	}

	/** Running 95th percentile, or NaN while the workload warms up. */
	p95Ns(slot: number): number {
		return pSquareValue(this.#rows, slot * ROW);
	}

	/** Moving average, or NaN while the workload warms up. */
	meanNs(slot: number): number {
		return this.isWarmed(slot) ? (this.#rows[slot * ROW + MEAN] as number) : Number.NaN;
	}

	forgetProcess(pid: number): void {
		for (const slot of this.#keys.slots()) {
			if (this.#keys.pid(slot) !== pid) continue;
			this.#keys.remove(slot);
			this.#warmUp[slot] = undefined;
		}
	}

	/** Least recently updated first. */
	snapshots(): WorkloadSnapshot[] {
		return this.#keys.slots().map((slot) => this.#snapshot(slot));
	}

	#restart(slot: number): void {
		this.#rows.fill(0, slot * ROW, (slot + 1) * ROW);
		this.#warmUp[slot] = [];
		this.#serials += 1;
		this.#serial[slot] = this.#serials;
		this.#driftEpoch[slot] = 0;
	}

	#foldSettled(slot: number, durationNs: Float64Array): void {
		const row = slot * ROW;
		const x = durationNs[0] as number;
		const first = pSquareCount(this.#rows, row) === 0;
		const mean = this.#rows[row + MEAN] as number;
		this.#rows[row + MEAN] = first ? x : mean + MEAN_ALPHA * (x - mean);
		P95.observe(this.#rows, row, durationNs);
	}

	#snapshot(slot: number): WorkloadSnapshot {
		const outliers = {} as Record<OutlierBucket, number>;
		OUTLIER_BUCKETS.forEach((bucket, i) => {
			outliers[bucket] = this.#outliers[slot * OUTLIER_BUCKETS.length + i] as number;
		});
		return {
			...this.#keys.key(slot),
			warmed: this.isWarmed(slot),
			samples: this.samples(slot),
			meanNs: known(this.meanNs(slot)),
			p95Ns: known(this.p95Ns(slot)),
			outliers,
			histogram: this.#histograms.read(slot),
			sinceNs: this.#sinceNs[slot] as number,
		};
	}
}
