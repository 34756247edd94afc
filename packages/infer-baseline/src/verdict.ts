import type { BaselineShift } from './baseline/shift';
import { known } from './internal/known';
import type { Judgement } from './judgement';
import type { StepLedger } from './ledger';
import type { OutlierBucket } from './outlier/bucket';
import type { OutlierDetail } from './outlier/context';
import type { StepPhase } from './phase/phase';

/**
 * What the engine makes of one step: the step itself, and how it compares with the baselines as they were before
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
	/** What decided the phase: absent when the classifier does not say it. Of the default one, a `PhaseEvidence`. */
	readonly phaseEvidence?: string;
	/** The previous completion of the thread; for a `first` or an `idle` step, its first work. */
	readonly startNs: number;
	readonly endNs: number;
	/** `endNs - startNs`: above 0, at most 60 s. */
	readonly durationNs: number;
	/** Null for a step that is no outlier, or was not compared. */
	readonly bucket: OutlierBucket | null;
	/** `durationNs / thresholdNs`; null for a step that was not compared: first, tainted, or not warmed. */
	readonly ratio: number | null;
	/** Median of steps that did the same work; null when not compared. */
	readonly expectedNs: number | null;
	/** 95th percentile of steps that did the same work, which is what decides; null when not compared. */
	readonly thresholdNs: number | null;
	/** 95th percentile of the whole workload, whatever the work; null while it warms up. */
	readonly baselineP95Ns: number | null;
	/** Moving average of the whole workload; null while it warms up. */
	readonly baselineMeanNs: number | null;
	/** The workload has a baseline, and work like this step's is known: the step was compared. */
	readonly warmed: boolean;
	/** The thread had nothing to do before this step; that time is not part of it. */
	readonly idle: boolean;
	/** Its launches were not watched: what it launched is not known, and it is compared with the whole workload. */
	readonly launchesUnseen: boolean;
	/** Data was lost while it ran. Shapes no baseline, never an outlier. */
	readonly tainted: boolean;
	/** First step of its thread: its true start is not known. Shapes no baseline, never an outlier. */
	readonly first: boolean;
	/** Present when `bucket` is not null. */
	readonly outlier?: OutlierDetail;
	/** Present when this step made it certain that a baseline no longer holds. */
	readonly shift?: BaselineShift;
}

export type MutableVerdict = { -readonly [Key in keyof StepVerdict]: StepVerdict[Key] };

/** The verdict of a step, still without what only an outlier or a shift carries. */
export function makeVerdict(ledger: StepLedger, step: Judgement): MutableVerdict {
	return {
		pid: ledger.pid,
		tid: ledger.tid,
		cgroupPathHash: ledger.cgroupPathHash,
		streamHandle: ledger.streamHandle,
		phase: step.phase,
		kernelFingerprint: ledger.kernelFingerprint,
		startNs: step.startNs,
		endNs: ledger.completedNs,
		durationNs: step.durationNs,
		launches: ledger.launches,
		graphLaunches: ledger.graphLaunches,
		gridBlocks: ledger.gridBlocks,
		memcpyBytes: ledger.memcpyBytes,
		ncclCalls: ledger.ncclCalls,
		memfragEvents: ledger.memfragEvents,
		bucket: step.bucket,
		ratio: known(step.ratio),
		expectedNs: known(step.expectedNs),
		thresholdNs: known(step.thresholdNs),
		baselineP95Ns: known(step.baselineP95Ns),
		baselineMeanNs: known(step.baselineMeanNs),
		warmed: step.ratio > 0,
		idle: step.idle,
		launchesUnseen: ledger.launchesUnseen ?? false,
		tainted: step.tainted,
		first: step.first,
		...(step.phaseEvidence === undefined ? {} : { phaseEvidence: step.phaseEvidence }),
	};
}
