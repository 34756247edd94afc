import {
	cgroupPathHash,
	inferDiscardReason,
	inferKernelFingerprint,
	inferOutlierBucket,
	inferPhase,
	inferSamplerCause,
	inferStreamHandle,
	lossCause,
	pid,
} from '@ingero/contract/attributes';
import { type StepDiscardReason, stepDiscardReasons } from '@ingero/contract/enums';
import {
	agentEventsDelivered,
	agentEventsDropped,
	agentEventsProduced,
	agentEventsSampledOut,
	inferBaselineMeanNs,
	inferBaselineP95Ns,
	inferEvictionsTotal,
	inferKvcacheAllocAgeMs,
	inferOutlierTotal,
	inferSamplerDegradationsTotal,
	inferSamplerDegraded,
	inferStepDurationNs,
	inferStepsClassifiedTotal,
	inferStepsDiscarded,
	inferWorkloadsTracked,
} from '@ingero/contract/metrics';
import type { AttributesOf } from '../metrics/attributes';
import { family, type Histogram, type MetricFamily } from '../metrics/family';
import type { EventLosses, InferenceSnapshot, SamplerState, StepCounters, WorkloadState } from './snapshot';

/**
 * The metrics of the step engine. Workloads appear once they are warmed, with a series for each outlier bucket from
 * the start, so that the first slow step is a rise and not a birth; the sampler appears once it ever left the healthy
 * rate, ages of allocations once there is one.
 */
export function inferenceFamilies(snapshot: InferenceSnapshot): MetricFamily[] {
	const warmed = snapshot.workloads.filter((workload) => workload.warmed);
	return [
		...workloadFamilies(warmed, snapshot.histogramBoundsNs),
		family(inferWorkloadsTracked, [{ value: snapshot.workloads.length }]),
		...stepFamilies(snapshot.counters),
		...(snapshot.sampler === undefined ? [] : samplerFamilies(snapshot.sampler)),
		...(snapshot.kvCacheAgesMs === undefined ? [] : ageFamilies(snapshot.kvCacheAgesMs)),
		...(snapshot.losses === undefined ? [] : lossFamilies(snapshot.losses)),
	];
}

function workloadFamilies(workloads: readonly WorkloadState[], bounds: readonly number[]): MetricFamily[] {
	return [
		family(
			inferStepDurationNs,
			workloads.map((workload) => ({
				attributes: workloadAttributes(workload),
				histogram: { bounds, counts: workload.histogram.counts, sum: workload.histogram.sumNs },
			})),
		),
		family(
			inferBaselineMeanNs,
			workloads.flatMap((workload) => gauge(workload, workload.meanNs)),
		),
		family(
			inferBaselineP95Ns,
			workloads.flatMap((workload) => gauge(workload, workload.p95Ns)),
		),
		family(
			inferOutlierTotal,
			workloads.flatMap((workload) =>
				Object.entries(workload.outliers).map(([bucket, value]) => ({
					attributes: { ...workloadAttributes(workload), [inferOutlierBucket.key]: bucket },
					value,
				})),
			),
		),
	];
}

function stepFamilies(counters: StepCounters): MetricFamily[] {
	const { first, backwards, tooLong, empty, idleResumes, tainted } = counters;
	const discarded: Readonly<Record<StepDiscardReason, number>> = {
		[stepDiscardReasons.first.name]: first,
		[stepDiscardReasons.backwards.name]: backwards,
		[stepDiscardReasons.tooLong.name]: tooLong,
		[stepDiscardReasons.empty.name]: empty,
		[stepDiscardReasons.idleResume.name]: idleResumes,
		[stepDiscardReasons.tainted.name]: tainted,
	};
	return [
		family(
			inferStepsClassifiedTotal,
			Object.entries(counters.steps).map(([phase, value]) => ({ attributes: { [inferPhase.key]: phase }, value })),
		),
		family(
			inferStepsDiscarded,
			Object.entries(discarded).map(([reason, value]) => ({
				attributes: { [inferDiscardReason.key]: reason },
				value,
			})),
		),
		family(inferEvictionsTotal, [{ value: counters.workloadEvictions }]),
	];
}

function samplerFamilies({ degraded, degradations }: SamplerState): MetricFamily[] {
	const causes = Object.entries(degradations);
	if (causes.every(([, times]) => times === 0)) {
		return [];
	}
	return [
		family(inferSamplerDegraded, [{ value: degraded ? 1 : 0 }]),
		family(
			inferSamplerDegradationsTotal,
			causes.map(([cause, value]) => ({ attributes: { [inferSamplerCause.key]: cause }, value })),
		),
	];
}

function ageFamilies(histogram: Histogram): MetricFamily[] {
	if (histogram.counts.every((count) => count === 0)) return [];
	return [family(inferKvcacheAllocAgeMs, [{ histogram }])];
}

function lossFamilies({ produced, delivered, sampledOut, dropped }: EventLosses): MetricFamily[] {
	return [
		family(agentEventsProduced, [{ value: produced }]),
		family(agentEventsDelivered, [{ value: delivered }]),
		family(agentEventsSampledOut, [{ value: sampledOut }]),
		family(
			agentEventsDropped,
			Object.entries(dropped).map(([cause, value]) => ({ attributes: { [lossCause.key]: cause }, value })),
		),
	];
}

function gauge(workload: WorkloadState, value: number | null) {
	return value === null ? [] : [{ attributes: workloadAttributes(workload), value }];
}

/** 64-bit values leave as text: the handle in decimal, the fingerprint as 16 hexadecimal digits. */
function workloadAttributes(workload: WorkloadState): AttributesOf<typeof inferStepDurationNs> {
	const fingerprint = workload.kernelFingerprint;
	return {
		[cgroupPathHash.key]: workload.cgroupPathHash,
		[pid.key]: workload.pid,
		[inferStreamHandle.key]: String(workload.streamHandle),
		[inferPhase.key]: workload.phase,
		[inferKernelFingerprint.key]: fingerprint === 0n ? undefined : fingerprint.toString(16).padStart(16, '0'),
	};
}
