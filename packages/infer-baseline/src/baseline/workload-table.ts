import { finish, mix, mixString } from '../internal/hash';
import { LruSlots, NONE } from '../internal/lru-slots';
import { WordSplitter } from '../internal/words';
import type { StepLedger } from '../ledger';
import { OUTLIER_BUCKETS, type OutlierBucket } from '../outlier/bucket';
import { PHASES, type StepPhase } from '../phase/phase';
import { bucketIndex } from './histogram';
import { P_SQUARE_FIELDS, pSquareCount, pSquareObserve, pSquareValue } from './p-square';
import { settleWarmUp } from './warm-up';
import type { WorkloadSnapshot } from './workload';

const P95 = 0.95;
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
 * The baselines of at most `capacity` workloads; a new one takes the place of the least recently updated.
 *
 * Columns of typed arrays, one slot a workload, found by numeric keys: no string is built and nothing is
 * allocated for a step of a known workload. A slot costs 108 bytes of state and 60 of key and index, and
 * 8 x (bounds + 2) for its histogram; while it warms up, 8 more a sample.
 */
export class WorkloadTable {
	readonly #slots: LruSlots;
	readonly #warmupSteps: number;
	readonly #fingerprintKey: boolean;
	readonly #bounds: Float64Array;

	readonly #pid: Uint32Array;
	readonly #stream: BigUint64Array;
	readonly #streamWords: Uint32Array;
	readonly #fingerprint: BigUint64Array;
	readonly #fingerprintWords: Uint32Array;
	readonly #phase: Uint8Array;
	readonly #cgroup: string[] = [];

	readonly #rows: Float64Array;
	readonly #outliers: Uint32Array;
	readonly #sinceNs: Float64Array;
	/** Bucket counts, then the sum. */
	readonly #histograms: Float64Array;
	readonly #histogramRow: number;
	/** Samples of a workload that is warming up, in order of arrival; undefined once it is warmed. */
	readonly #warmUp: (number[] | undefined)[] = [];
	#warmupIgnored = 0;

	readonly #streamSplit = new WordSplitter();
	readonly #fingerprintSplit = new WordSplitter();

	constructor(options: WorkloadTableOptions) {
		const { capacity, boundsNs } = options;
		this.#slots = new LruSlots(capacity);
		this.#warmupSteps = options.warmupSteps;
		this.#fingerprintKey = options.fingerprintKey;
		this.#bounds = Float64Array.from(boundsNs);
		this.#histogramRow = boundsNs.length + 2;
		this.#pid = new Uint32Array(capacity);
		this.#stream = new BigUint64Array(capacity);
		this.#streamWords = new Uint32Array(this.#stream.buffer);
		this.#fingerprint = new BigUint64Array(capacity);
		this.#fingerprintWords = new Uint32Array(this.#fingerprint.buffer);
		this.#phase = new Uint8Array(capacity);
		this.#rows = new Float64Array(capacity * ROW);
		this.#outliers = new Uint32Array(capacity * OUTLIER_BUCKETS.length);
		this.#sinceNs = new Float64Array(capacity);
		this.#histograms = new Float64Array(capacity * this.#histogramRow);
	}

	get size(): number {
		return this.#slots.size;
	}

	get evictions(): number {
		return this.#slots.evictions;
	}

	/** Warm-up samples left out as gross; see {@link settleWarmUp}. */
	get warmupIgnored(): number {
		return this.#warmupIgnored;
	}

	/** The workload's slot, or NONE. Does not count as an update. */
	find(ledger: StepLedger, phase: StepPhase): number {
		const phaseIndex = PHASES.indexOf(phase);
		let slot = this.#slots.first(this.#hash(ledger, phaseIndex));
		while (slot !== NONE && !this.#matches(slot, ledger, phaseIndex)) slot = this.#slots.next(slot);
		return slot;
	}

	/** A cold entry for a workload that {@link find} did not find. */
	create(ledger: StepLedger, phase: StepPhase): number {
		const phaseIndex = PHASES.indexOf(phase);
		const slot = this.#slots.insert(this.#hash(ledger, phaseIndex));
		this.#pid[slot] = ledger.pid;
		this.#stream[slot] = ledger.streamHandle;
		this.#fingerprint[slot] = this.#fingerprintKey ? ledger.kernelFingerprint : 0n;
		this.#phase[slot] = phaseIndex;
		this.#cgroup[slot] = ledger.cgroupPathHash;
		this.#sinceNs[slot] = ledger.completedNs;
		this.#rows.fill(0, slot * ROW, (slot + 1) * ROW);
		this.#outliers.fill(0, slot * OUTLIER_BUCKETS.length, (slot + 1) * OUTLIER_BUCKETS.length);
		this.#histograms.fill(0, slot * this.#histogramRow, (slot + 1) * this.#histogramRow);
		this.#warmUp[slot] = [];
		return slot;
	}

	/** Counts a valid step and makes its workload the most recently updated one. */
	observe(slot: number, durationNs: number): void {
		this.#slots.touch(slot);
		const row = slot * this.#histogramRow;
		const bucket = row + bucketIndex(this.#bounds, durationNs);
		const sum = row + this.#histogramRow - 1;
		this.#histograms[bucket] = (this.#histograms[bucket] as number) + 1;
		this.#histograms[sum] = (this.#histograms[sum] as number) + durationNs;
	}

	countOutlier(slot: number, bucket: OutlierBucket): void {
		const cell = slot * OUTLIER_BUCKETS.length + OUTLIER_BUCKETS.indexOf(bucket);
		this.#outliers[cell] = (this.#outliers[cell] as number) + 1;
	}

	/** Lets a step shape the baseline. */
	fold(slot: number, durationNs: number): void {
		const collected = this.#warmUp[slot];
		if (collected === undefined) {
			this.#foldSettled(slot, durationNs);
			return;
		}
		collected.push(durationNs);
		const usual = settleWarmUp(collected, this.#warmupSteps);
		if (usual === undefined) return;
		for (const sample of usual) this.#foldSettled(slot, sample);
		this.#warmupIgnored += collected.length - usual.length;
		this.#warmUp[slot] = undefined;
	}

	/** Running 95th percentile, or null while the workload warms up. */
	p95Ns(slot: number): number | null {
		return pSquareValue(this.#rows, slot * ROW) ?? null;
	}

	/** Moving average, or null while the workload warms up. */
	meanNs(slot: number): number | null {
		return this.#warmUp[slot] === undefined ? (this.#rows[slot * ROW + MEAN] as number) : null;
	}

	forgetProcess(pid: number): void {
		for (const slot of this.#slots.slots()) {
			if (this.#pid[slot] !== pid) continue;
			this.#slots.remove(slot);
			this.#warmUp[slot] = undefined;
		}
	}

	/** Least recently updated first. */
	snapshots(): WorkloadSnapshot[] {
		return this.#slots.slots().map((slot) => this.#snapshot(slot));
	}

	#foldSettled(slot: number, durationNs: number): void {
		const row = slot * ROW;
		const first = pSquareCount(this.#rows, row) === 0;
		const mean = this.#rows[row + MEAN] as number;
		this.#rows[row + MEAN] = first ? durationNs : mean + MEAN_ALPHA * (durationNs - mean);
		pSquareObserve(this.#rows, row, P95, durationNs);
	}

	#hash(ledger: StepLedger, phaseIndex: number): number {
		this.#streamSplit.load(ledger.streamHandle);
		let hash = mix(mixString(phaseIndex, ledger.cgroupPathHash), ledger.pid);
		hash = mix(mix(hash, this.#streamSplit.first), this.#streamSplit.second);
		if (this.#fingerprintKey) {
			this.#fingerprintSplit.load(ledger.kernelFingerprint);
			hash = mix(mix(hash, this.#fingerprintSplit.first), this.#fingerprintSplit.second);
		}
		return finish(hash);
	}

	/** Relies on the words that {@link #hash} has just split. */
	#matches(slot: number, ledger: StepLedger, phaseIndex: number): boolean {
		return (
			this.#pid[slot] === ledger.pid &&
			this.#phase[slot] === phaseIndex &&
			this.#streamWords[2 * slot] === this.#streamSplit.first &&
			this.#streamWords[2 * slot + 1] === this.#streamSplit.second &&
			(!this.#fingerprintKey ||
				(this.#fingerprintWords[2 * slot] === this.#fingerprintSplit.first &&
					this.#fingerprintWords[2 * slot + 1] === this.#fingerprintSplit.second)) &&
			this.#cgroup[slot] === ledger.cgroupPathHash
		);
	}

	#snapshot(slot: number): WorkloadSnapshot {
		const collected = this.#warmUp[slot];
		const histogram = this.#histograms.subarray(slot * this.#histogramRow, (slot + 1) * this.#histogramRow);
		const outliers = {} as Record<OutlierBucket, number>;
		OUTLIER_BUCKETS.forEach((bucket, i) => {
			outliers[bucket] = this.#outliers[slot * OUTLIER_BUCKETS.length + i] as number;
		});
		return {
			cgroupPathHash: this.#cgroup[slot] as string,
			pid: this.#pid[slot] as number,
			streamHandle: this.#stream[slot] as bigint,
			phase: PHASES[this.#phase[slot] as number] as StepPhase,
			kernelFingerprint: this.#fingerprint[slot] as bigint,
			warmed: collected === undefined,
			samples: collected === undefined ? pSquareCount(this.#rows, slot * ROW) : collected.length,
			meanNs: this.meanNs(slot),
			p95Ns: this.p95Ns(slot),
			outliers,
			histogram: {
				counts: Array.from(histogram.subarray(0, -1)),
				sumNs: histogram[this.#histogramRow - 1] as number,
			},
			sinceNs: this.#sinceNs[slot] as number,
		};
	}
}
