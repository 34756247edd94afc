import type { OutlierBucket } from '../outlier/bucket';
import type { StepPhase } from '../phase/phase';

/** What is compared with its own past: one phase of one process on one stream. */
export interface WorkloadKey {
	readonly cgroupPathHash: string;
	readonly pid: number;
	readonly streamHandle: bigint;
	readonly phase: StepPhase;
	/** 0n unless the engine's `fingerprintKey` is on. */
	readonly kernelFingerprint: bigint;
}

/** One workload at the moment of the snapshot; a copy. */
export interface WorkloadSnapshot extends WorkloadKey {
	/** Steps are compared with the baseline only when this is true; before, `meanNs` and `p95Ns` are null. */
	readonly warmed: boolean;
	/** Samples in the baseline, or collected so far while warming up. */
	readonly samples: number;
	/** Exponential moving average, weight 0.05, started by the first sample. */
	readonly meanNs: number | null;
	/** Running 95th percentile. */
	readonly p95Ns: number | null;
	readonly outliers: Readonly<Record<OutlierBucket, number>>;
	/** Every valid step since `sinceNs`, outliers and warm-up included, by duration. */
	readonly histogram: {
		/** Steps per bucket of the engine's `histogramBoundsNs`, not accumulated; the last one is overflow. */
		readonly counts: readonly number[];
		readonly sumNs: number;
	};
	/** Completion of the step that created the entry: where its counts start. */
	readonly sinceNs: number;
}
