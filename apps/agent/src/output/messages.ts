import type { Explanation } from '@ingero/causes';
import {
	type InferenceBaselineShiftMessage,
	type InferenceOutlierMessage,
	type InferenceStepMessage,
	inferenceBaselineShift,
	inferenceOutlier,
	inferenceStep,
} from '@ingero/contract/messages';
import type { StepVerdict } from '@ingero/infer-baseline';
import type { SourceClock } from '@ingero/steps';
import { rfc3339 } from './exact-json';
import { kvCacheFields } from './kv-cache';

/** Where the agent runs. */
export interface Place {
	readonly nodeId: string;
	readonly clusterId: string;
}

/** The line of a step. */
export function stepMessage(
	step: StepVerdict,
	explanation: Explanation | undefined,
	clock: SourceClock,
): InferenceStepMessage {
	return {
		type: inferenceStep.type,
		pid: step.pid,
		tid: step.tid,
		cgroup_path_hash: step.cgroupPathHash,
		stream_handle: step.streamHandle.toString(),
		phase: step.phase === '' ? 'unknown' : step.phase,
		...(step.phaseEvidence === undefined ? {} : { phase_evidence: step.phaseEvidence }),
		start_ns: clock.absolute(step.startNs),
		end_ns: clock.absolute(step.endNs),
		step_duration_ns: step.durationNs,
		launch_count: step.launches,
		graph_launch_count: step.graphLaunches,
		grid_blocks: step.gridBlocks,
		memcpy_bytes: step.memcpyBytes,
		...(step.ncclCalls > 0 ? { nccl_count: step.ncclCalls } : {}),
		...(step.launchesUnseen ? { launches_unseen: true } : {}),
		bucket: step.bucket,
		ratio: step.ratio === null ? null : thousandths(step.ratio),
		expected_ns: truncated(step.expectedNs),
		threshold_ns: truncated(step.thresholdNs),
		baseline_p95_ns: truncated(step.baselineP95Ns),
		warmed: step.warmed,
		...cause(explanation),
	};
}

/** The line of an outlier; `undefined` for a step that is none. */
export function outlierMessage(
	step: StepVerdict,
	explanation: Explanation | undefined,
	clock: SourceClock,
	place: Place,
): InferenceOutlierMessage | undefined {
	const { outlier, bucket, baselineP95Ns, baselineMeanNs, expectedNs, thresholdNs } = step;
	if (outlier === undefined || bucket === null || baselineP95Ns === null) return undefined;
	return {
		type: inferenceOutlier.type,
		node_id: place.nodeId,
		cluster_id: place.clusterId,
		timestamp: timestamp(step, clock),
		event_id: outlier.eventId,
		...workload(step),
		step_duration_ns: step.durationNs,
		baseline_p95_ns: Math.trunc(baselineP95Ns),
		...(baselineMeanNs === null ? {} : { baseline_mean_ns: Math.trunc(baselineMeanNs) }),
		bucket,
		...(outlier.throttleReasons ? { throttle_reasons: outlier.throttleReasons } : {}),
		...(outlier.minSmClockMhz === undefined ? {} : { min_sm_clock_mhz: outlier.minSmClockMhz }),
		...kvCacheFields(outlier.kvCache),
		...(expectedNs === null ? {} : { expected_ns: Math.trunc(expectedNs) }),
		...(thresholdNs === null ? {} : { threshold_ns: Math.trunc(thresholdNs) }),
		...cause(explanation),
	};
}

/** The line of a baseline that was replaced; `undefined` for a step that replaced none. */
export function baselineShiftMessage(
	step: StepVerdict,
	clock: SourceClock,
	place: Place,
): InferenceBaselineShiftMessage | undefined {
	const { shift } = step;
	if (shift === undefined) return undefined;
	return {
		type: inferenceBaselineShift.type,
		node_id: place.nodeId,
		cluster_id: place.clusterId,
		timestamp: timestamp(step, clock),
		event_id: shift.eventId,
		...workload(step),
		reason: shift.reason,
		old_p95_ns: Math.trunc(shift.fromP95Ns),
		new_p95_ns: Math.trunc(shift.toP95Ns),
		samples: shift.samples,
	};
}

/** End of the step; a recording without a wall clock has no time of day to print. */
function timestamp(step: StepVerdict, clock: SourceClock): string {
	const wallNs = clock.wall(step.endNs);
	return wallNs === undefined ? '' : rfc3339(wallNs);
}

function workload({
	cgroupPathHash,
	pid,
	streamHandle,
	phase,
}: StepVerdict): Pick<InferenceOutlierMessage, 'cgroup_path_hash' | 'pid' | 'stream_handle' | 'phase'> {
	return {
		...(cgroupPathHash === '' ? {} : { cgroup_path_hash: cgroupPathHash }),
		pid,
		...(streamHandle === 0n ? {} : { stream_handle: streamHandle }),
		...(phase === '' ? {} : { phase }),
	};
}

function cause(explanation: Explanation | undefined): Pick<InferenceStepMessage, 'cause'> {
	if (explanation === undefined) return {};
	const { name, explainedMs, share } = explanation.cause;
	return { cause: { name, explained_ms: thousandths(explainedMs), share: thousandths(share) } };
}

function truncated(ns: number | null): number | null {
	return ns === null ? null : Math.trunc(ns);
}

function thousandths(value: number): number {
	return Math.round(value * 1000) / 1000;
}
