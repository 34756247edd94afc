import type { StepLedger } from './ledger';
import type { OutlierBucket } from './outlier/bucket';
import type { OutlierDetail } from './outlier/context';
import type { StepPhase } from './phase/phase';

/**
 * What the engine makes of one step: the step itself, and how it compares with the baseline as it was before
 * this step.
 */
export interface StepVerdict
	extends Pick<
		StepLedger,
		| 'pid'
		| 'tid'
		| 'cgroupPathHash'
		| 'streamHandle'
		| 'launches'
		| 'graphLaunches'
		| 'gridBlocks'
		| 'memcpyBytes'
		| 'ncclCalls'
		| 'memfragEvents'
		| 'kernelFingerprint'
	> {
	readonly phase: StepPhase;
	/** The previous completion of the thread; for a `first` or an `idle` step, its first work. */
	readonly startNs: number;
	readonly endNs: number;
	/** `endNs - startNs`: above 0, at most 60 s. */
	readonly durationNs: number;
	/** Null for a step that is no outlier, or was not compared. */
	readonly bucket: OutlierBucket | null;
	/** `durationNs / baselineP95Ns`; null for a step that was not compared: first, tainted, or not warmed. */
	readonly ratio: number | null;
	readonly baselineP95Ns: number | null;
	readonly baselineMeanNs: number | null;
	/** The workload has a baseline; without one both baseline values are null. */
	readonly warmed: boolean;
	/** The thread had nothing to do before this step; that time is not part of it. Never folded. */
	readonly idle: boolean;
	/** Data was lost while it ran. Never folded, never an outlier. */
	readonly tainted: boolean;
	/** First step of its thread: its true start is not known. Never folded, never an outlier. */
	readonly first: boolean;
	/** Present when `bucket` is not null. */
	readonly outlier?: OutlierDetail;
}
