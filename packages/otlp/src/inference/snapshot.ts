import type { Histogram } from '../metrics/family';

/**
 * What the step engine knows at one moment. Structural, so that this package needs no engine: the snapshots of
 * `@ingero/infer-baseline` and the loss ledger of `@ingero/steps` fit as they are.
 */
export interface InferenceSnapshot {
	readonly workloads: readonly WorkloadState[];
	/** Upper bounds of the buckets of every workload's histogram, ns. */
	readonly histogramBoundsNs: readonly number[];
	readonly counters: StepCounters;
	/** What became of every event; absent where nobody counts. */
	readonly losses?: EventLosses | undefined;
	readonly sampler?: SamplerState | undefined;
	/** Ages of the oldest live allocations, ms, sampled at slow steps; absent where nobody follows allocations. */
	readonly kvCacheAgesMs?: Histogram | undefined;
}

/** One baseline, and what was compared with it. */
export interface WorkloadState {
	readonly cgroupPathHash: string;
	readonly pid: number;
	/** Unsigned 64 bits. */
	readonly streamHandle: bigint;
	readonly phase: string;
	/** 0n when workloads are not told apart by it. */
	readonly kernelFingerprint: bigint;
	/** Only warmed workloads are published. */
	readonly warmed: boolean;
	readonly meanNs: number | null;
	readonly p95Ns: number | null;
	/** Slow steps by bucket. */
	readonly outliers: Readonly<Record<string, number>>;
	readonly histogram: {
		/** Steps per bucket, not accumulated. */
		readonly counts: readonly number[];
		readonly sumNs: number;
	};
}

/** What became of every step; cumulative. */
export interface StepCounters {
	/** By phase. */
	readonly steps: Readonly<Record<string, number>>;
	readonly first: number;
	readonly backwards: number;
	readonly tooLong: number;
	readonly empty: number;
	readonly idleResumes: number;
	readonly tainted: number;
	readonly workloadEvictions: number;
}

/** What became of every event; cumulative. `produced` is the sum of all others. */
export interface EventLosses {
	readonly produced: number;
	readonly delivered: number;
	readonly sampledOut: number;
	/** By cause. */
	readonly dropped: Readonly<Record<string, number>>;
}

export interface SamplerState {
	readonly degraded: boolean;
	/** Times it left the healthy rate, by cause. */
	readonly degradations: Readonly<Record<string, number>>;
}
