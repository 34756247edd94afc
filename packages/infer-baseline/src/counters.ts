import type { OutlierBucket } from './outlier/bucket';
import type { StepPhase } from './phase/phase';

/**
 * What became of every ledger. They add up:
 * ledgers = steps of all phases + invalid + backwards + empty + nonPositive + tooLong.
 */
export interface EngineCounters {
	readonly ledgers: number;
	/** Reported steps; `''` counts those seen while phases are off. */
	readonly steps: Readonly<Record<StepPhase, number>>;
	/** Not a step: the completion time is not a finite number. */
	readonly invalid: number;
	/** Not a step: it completed before its thread's previous one. */
	readonly backwards: number;
	/** Not a step: no work in it. */
	readonly empty: number;
	/** Discarded: not longer than 0. */
	readonly nonPositive: number;
	/** Discarded: longer than 60 s. */
	readonly tooLong: number;

	readonly outliers: Readonly<Record<OutlierBucket, number>>;
	/** Steps that shaped a baseline, or were collected for one. */
	readonly folded: number;
	/** First steps of a thread. */
	readonly first: number;
	/** Steps with lost data, first ones included. */
	readonly tainted: number;
	/** Steps that followed idleness and were no outlier. */
	readonly idleResumes: number;
	/** Steps whose launches were not watched, but for first and tainted ones: compared, and kept out of the baselines. */
	readonly unseen: number;
	/** Steps kept out of a baseline by the severity gate. */
	readonly paused: number;

	/** Warm-up samples left out as gross. */
	readonly warmupIgnored: number;
	/** Levels given up because their outliers were the normal. */
	readonly shifts: number;
	/** Levels found to have crept up. */
	readonly drifts: number;
	readonly workloadEvictions: number;
	/** Kinds of work forgotten for newer ones. */
	readonly workEvictions: number;
	readonly threadEvictions: number;
	/** Context readers that threw. */
	readonly contextErrors: number;
}
