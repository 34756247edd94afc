import type { Explanation } from '@ingero/causes';
import {
	type EventMessage,
	event,
	type InferenceOutlierMessage,
	type InferenceStepMessage,
	inferenceOutlier,
	inferenceStep,
} from '@ingero/contract/messages';
import type { StepVerdict } from '@ingero/infer-baseline';
import { handleValue, type OperationDescription, type SourceClock } from '@ingero/steps';
import { rfc3339 } from './exact-json';

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
		start_ns: clock.absolute(step.startNs),
		end_ns: clock.absolute(step.endNs),
		step_duration_ns: step.durationNs,
		launch_count: step.launches,
		graph_launch_count: step.graphLaunches,
		grid_blocks: step.gridBlocks,
		memcpy_bytes: step.memcpyBytes,
		bucket: step.bucket,
		ratio: step.ratio === null ? null : thousandths(step.ratio),
		baseline_p95_ns: step.baselineP95Ns === null ? null : Math.round(step.baselineP95Ns),
		warmed: step.warmed,
		...cause(explanation),
	};
}

/** The line of an outlier; `undefined` for a step that is none. */
export function outlierMessage(
	step: StepVerdict,
	explanation: Explanation | undefined,
	clock: SourceClock,
	place: { readonly nodeId: string; readonly clusterId: string },
): InferenceOutlierMessage | undefined {
	const { outlier, bucket, baselineP95Ns, baselineMeanNs } = step;
	if (outlier === undefined || bucket === null || baselineP95Ns === null) return undefined;
	const wallNs = clock.wall(step.endNs);
	return {
		type: inferenceOutlier.type,
		node_id: place.nodeId,
		cluster_id: place.clusterId,
		// A recording without a wall clock has no time of day to print.
		timestamp: wallNs === undefined ? '' : rfc3339(wallNs),
		event_id: outlier.eventId,
		...(step.cgroupPathHash === '' ? {} : { cgroup_path_hash: step.cgroupPathHash }),
		pid: step.pid,
		...(step.streamHandle === 0n ? {} : { stream_handle: step.streamHandle }),
		...(step.phase === '' ? {} : { phase: step.phase }),
		step_duration_ns: step.durationNs,
		baseline_p95_ns: Math.trunc(baselineP95Ns),
		...(baselineMeanNs === null ? {} : { baseline_mean_ns: Math.trunc(baselineMeanNs) }),
		bucket,
		...(outlier.throttleReasons ? { throttle_reasons: outlier.throttleReasons } : {}),
		...(outlier.minSmClockMhz === undefined ? {} : { min_sm_clock_mhz: outlier.minSmClockMhz }),
		...(outlier.kvCacheAgesMs === undefined ? {} : { kv_cache_top_alloc_ages_ms: outlier.kvCacheAgesMs }),
		...cause(explanation),
	};
}

function cause(explanation: Explanation | undefined): Pick<InferenceStepMessage, 'cause'> {
	if (explanation === undefined) return {};
	const { name, explainedMs, share } = explanation.cause;
	return { cause: { name, explained_ms: thousandths(explainedMs), share: thousandths(share) } };
}

function thousandths(value: number): number {
	return Math.round(value * 1000) / 1000;
}

/** The line of a raw event at word `at`. */
export function eventMessage(
	words: Uint32Array,
	at: number,
	operations: ReadonlyMap<number, OperationDescription>,
): EventMessage {
	const u64 = (place: number) => handleValue(words[at + place] as number, words[at + place + 1] as number);
	const op = words[at + 5] as number;
	return {
		type: event.type,
		ts_ns: u64(0),
		duration_ns: words[at + 2] as number,
		pid: words[at + 3] as number,
		tid: words[at + 4] as number,
		op: operations.get(op)?.name ?? `unknown(${op})`,
		args: [u64(6), u64(8), u64(10)].map(String),
	};
}
