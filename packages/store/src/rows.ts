import type { BaselineShiftsTable, OutliersTable, StepsTable } from './schema/tables';
import type { SqlValue } from './worker/protocol';

/** One engine step, as the step stage hands it on. Times lie on the source's clock, like those of events. */
export interface StepRow {
	readonly pid: number;
	readonly tid: number;
	/** First 16 hex digits of SHA-256 of the cgroup path, or `''`. */
	readonly cgroupPathHash: string;
	/** CUDA stream, unsigned 64 bits. */
	readonly streamHandle: bigint;
	readonly phase: string;
	/** What decided the phase, where that is known. */
	readonly phaseEvidence?: string | undefined;
	readonly startNs: bigint;
	readonly endNs: bigint;
	readonly stepDurationNs: number;
	readonly launchCount: number;
	readonly graphLaunchCount: number;
	readonly gridBlocks: number;
	readonly memcpyBytes: number;
	/** Outlier bucket; null for a step that is none. */
	readonly bucket: string | null;
	/** Null, as the two below, for a step that was not compared. */
	readonly ratio: number | null;
	/** Median of the steps that did the same work. */
	readonly expectedNs: number | null;
	/** 95th percentile of the steps that did the same work; `ratio` is relative to it. */
	readonly thresholdNs: number | null;
	/** 95th percentile of the workload; null before warm-up. */
	readonly baselineP95Ns: number | null;
	readonly warmed: boolean;
}

/** Why a step was slow. */
export interface SlowStepCause {
	/** Of the contract's causes of slow steps. */
	readonly name: string;
	readonly explainedMs: number;
	/** Share of the step's excess that the cause explains, 0 to 1. */
	readonly share: number;
}

/** What is known about a slow step beyond its row. */
export interface OutlierRow {
	/** The id that span, exemplar and socket message of this outlier carry too. Unique within the file. */
	readonly eventId: string;
	/** The slow step: the number {@link Store.appendSteps} returned for it. */
	readonly stepId: number;
	readonly baselineMeanNs: number | null;
	/** NVML throttle bitmap, unsigned 64 bits; absent when it was not read. */
	readonly throttleReasons?: bigint | undefined;
	readonly cause?: SlowStepCause | undefined;
}

/** A baseline that was replaced. */
export interface BaselineShiftRow {
	/** The id that the socket message carries too. Unique within the file. */
	readonly eventId: string;
	/** The step that made it certain: the number {@link Store.appendSteps} returned for it. */
	readonly stepId: number;
	/** Of the contract's reasons. */
	readonly reason: string;
	readonly oldP95Ns: number;
	readonly newP95Ns: number;
	readonly samples: number;
}

export const stepColumns: ReadonlyArray<keyof StepsTable> = [
	'step_id',
	'pid',
	'tid',
	'cgroup_path_hash',
	'stream_handle',
	'phase',
	'start_ns',
	'end_ns',
	'step_duration_ns',
	'launch_count',
	'graph_launch_count',
	'grid_blocks',
	'memcpy_bytes',
	'bucket',
	'ratio',
	'baseline_p95_ns',
	'warmed',
	'expected_ns',
	'threshold_ns',
	'phase_evidence',
];

/** Appends the values of one step to a flat list, in the order of {@link stepColumns}. */
export function pushStep(values: SqlValue[], stepId: number, row: StepRow): void {
	values.push(
		stepId,
		row.pid,
		row.tid,
		row.cgroupPathHash,
		toSigned64(row.streamHandle),
		row.phase,
		toSigned64(row.startNs),
		toSigned64(row.endNs),
		row.stepDurationNs,
		row.launchCount,
		row.graphLaunchCount,
		row.gridBlocks,
		row.memcpyBytes,
		row.bucket,
		row.ratio,
		row.baselineP95Ns,
		row.warmed ? 1 : 0,
		row.expectedNs,
		row.thresholdNs,
		row.phaseEvidence ?? null,
	);
}

export const outlierColumns: ReadonlyArray<keyof OutliersTable> = [
	'event_id',
	'step_id',
	'baseline_mean_ns',
	'throttle_reasons',
	'cause',
	'cause_explained_ms',
	'cause_share',
];

/** Appends the values of one outlier to a flat list, in the order of {@link outlierColumns}. */
export function pushOutlier(values: SqlValue[], row: OutlierRow): void {
	values.push(
		row.eventId,
		row.stepId,
		row.baselineMeanNs,
		row.throttleReasons === undefined ? null : toSigned64(row.throttleReasons),
		row.cause?.name ?? null,
		row.cause?.explainedMs ?? null,
		row.cause?.share ?? null,
	);
}

export const shiftColumns: ReadonlyArray<keyof BaselineShiftsTable> = [
	'event_id',
	'step_id',
	'reason',
	'old_p95_ns',
	'new_p95_ns',
	'samples',
];

/** Appends the values of one shift to a flat list, in the order of {@link shiftColumns}. */
export function pushShift(values: SqlValue[], row: BaselineShiftRow): void {
	values.push(row.eventId, row.stepId, row.reason, row.oldP95Ns, row.newP95Ns, row.samples);
}

/** SQLite's integers are signed: the upper half of the unsigned range is kept as its two's complement. */
export function toSigned64(value: bigint): bigint {
	return BigInt.asIntN(64, value);
}
