import { enums, histogramBounds, metrics } from '@ingero/contract';
import { expect, test } from 'vitest';
import { type InferenceSnapshot, inferenceFamilies, renderPrometheus, type WorkloadState } from '../src';
import { type ParsedSample, parseStrictly } from './strict-parser';

const boundsNs = histogramBounds['ingero.infer.step_duration_ns'];
const none = { '1.5x': 0, '2x': 0, '3x': 0 };

function workload(overrides: Partial<WorkloadState> = {}): WorkloadState {
	return {
		cgroupPathHash: 'e916b463d100201c',
		pid: 4242,
		streamHandle: 0x7f3a_5c00_1e80n,
		phase: 'decode',
		kernelFingerprint: 0n,
		warmed: true,
		meanNs: 5_100_000.5,
		p95Ns: 5_700_000,
		outliers: { ...none, '3x': 2 },
		histogram: { counts: [...boundsNs.map(() => 2), 1], sumNs: 123_456 },
		...overrides,
	};
}

function snapshot(overrides: Partial<InferenceSnapshot> = {}): InferenceSnapshot {
	return {
		workloads: [workload()],
		histogramBoundsNs: boundsNs,
		counters: {
			steps: { '': 0, prefill: 3, decode: 40, mixed: 0, unknown: 1 },
			first: 1,
			backwards: 2,
			tooLong: 3,
			empty: 4,
			idleResumes: 5,
			tainted: 6,
			workloadEvictions: 7,
		},
		...overrides,
	};
}

/** Samples of the page by name. */
function page(facts: InferenceSnapshot): Map<string, ParsedSample[]> {
	const families = parseStrictly(renderPrometheus(inferenceFamilies(facts)));
	return Map.groupBy(
		families.flatMap((found) => found.samples),
		(sample) => sample.name,
	);
}

const key = {
	cgroup_path_hash: 'e916b463d100201c',
	pid: '4242',
	stream_handle: '139888628342400',
	phase: 'decode',
};

test('a warmed workload has its baseline, its outliers and its histogram', () => {
	const samples = page(snapshot());
	const one = (name: string) => samples.get(name)?.map(({ labels, value }) => [labels, value]);

	expect(one('ingero_infer_baseline_mean_ns')).toEqual([[key, 5_100_000.5]]);
	expect(one('ingero_infer_baseline_p95_ns')).toEqual([[key, 5_700_000]]);
	expect(one('ingero_infer_outlier_total')).toEqual([
		[{ ...key, bucket: '1.5x' }, 0],
		[{ ...key, bucket: '2x' }, 0],
		[{ ...key, bucket: '3x' }, 2],
	]);
	expect(one('ingero_infer_step_duration_ns_count')).toEqual([[key, 31]]);
	expect(one('ingero_infer_step_duration_ns_sum')).toEqual([[key, 123_456]]);
	expect(
		one('ingero_infer_step_duration_ns_bucket')?.map(([labels, value]) => [(labels as { le: string }).le, value]),
	).toEqual([...boundsNs.map((bound, index) => [String(bound), (index + 1) * 2]), ['+Inf', 31]]);
	expect(one('ingero_infer_workloads_tracked')).toEqual([[{}, 1]]);
});

test('a workload that is warming up is counted and not shown', () => {
	const cold = workload({ warmed: false, meanNs: null, p95Ns: null });
	const samples = page(snapshot({ workloads: [cold] }));
	expect(samples.get('ingero_infer_workloads_tracked')?.[0]?.value).toBe(1);
	expect([...samples.keys()].filter((name) => /baseline|outlier|duration/.test(name))).toEqual([]);
});

test('64 bits stay exact, and a fingerprint is a label only where workloads are told apart by it', () => {
	const samples = page(
		snapshot({
			workloads: [
				workload({ streamHandle: 2n ** 64n - 1n }),
				workload({ pid: 1, kernelFingerprint: 0xaf73bd4c861ce7dn }),
				workload({ pid: 1, kernelFingerprint: 0xffff_ffff_ffff_ffffn }),
			],
		}),
	);
	expect(
		samples.get('ingero_infer_baseline_p95_ns')?.map(({ labels }) => [labels.stream_handle, labels.kernel_fingerprint]),
	).toEqual([
		['139888628342400', '0af73bd4c861ce7d'],
		['139888628342400', 'ffffffffffffffff'],
		['18446744073709551615', undefined],
	]);
});

test('ages of allocations are one histogram for all, once there is one', () => {
	const bounds = histogramBounds['ingero.infer.kvcache.alloc_age_ms'];
	const counts = bounds.map(() => 0);
	expect(page(snapshot()).has('ingero_infer_kvcache_alloc_age_ms_count')).toBe(false);
	const none = page(snapshot({ kvCacheAgesMs: { bounds, counts: [...counts, 0], sum: 0 } }));
	expect(none.has('ingero_infer_kvcache_alloc_age_ms_count')).toBe(false);
	const samples = page(snapshot({ kvCacheAgesMs: { bounds, counts: [2, ...counts.slice(1), 1], sum: 900_012 } }));
	const one = (name: string) => samples.get(`ingero_infer_kvcache_alloc_age_ms_${name}`);
	expect(one('count')?.map(({ labels, value }) => [labels, value])).toEqual([[{}, 3]]);
	expect(one('sum')?.[0]?.value).toBe(900_012);
	expect(one('bucket')?.map(({ labels, value }) => [labels.le, value])).toEqual([
		...bounds.map((bound) => [String(bound), 2]),
		['+Inf', 3],
	]);
});

test('steps by phase and by the reason they were left out', () => {
	const samples = page(snapshot());
	const values = (name: string, label: string) =>
		Object.fromEntries(samples.get(name)?.map(({ labels, value }) => [labels[label], value]) ?? []);
	expect(values('ingero_infer_steps_classified_total', 'phase')).toEqual({
		'': 0,
		prefill: 3,
		decode: 40,
		mixed: 0,
		unknown: 1,
	});
	const reasons = values('ingero_infer_steps_discarded_total', 'reason');
	expect(reasons).toEqual({ first: 1, backwards: 2, too_long: 3, empty: 4, idle_resume: 5, tainted: 6 });
	expect(Object.keys(reasons).sort()).toEqual(
		Object.values(enums.stepDiscardReasons)
			.map(({ name }) => name)
			.sort(),
	);
	expect(samples.get('ingero_infer_evictions_total')?.[0]?.value).toBe(7);
});

test('the sampler appears once it ever left the healthy rate', () => {
	const degradations = { outlier_1_5x: 0, outlier_2x: 0, outlier_3x: 0 };
	const healthy = page(snapshot({ sampler: { degraded: false, degradations } }));
	expect([...healthy.keys()].filter((name) => name.includes('sampler'))).toEqual([]);

	const samples = page(snapshot({ sampler: { degraded: true, degradations: { ...degradations, outlier_3x: 4 } } }));
	expect(samples.get('ingero_infer_sampler_degraded')).toMatchObject([{ labels: {}, value: 1 }]);
	expect(
		samples.get('ingero_infer_sampler_degradations_total')?.map(({ labels, value }) => [labels.cause, value]),
	).toEqual([
		['outlier_1_5x', 0],
		['outlier_2x', 0],
		['outlier_3x', 4],
	]);
});

test('every event is accounted for on the page', () => {
	const samples = page(
		snapshot({ losses: { produced: 106, delivered: 5, sampledOut: 90, dropped: { ring_full: 10, late: 1 } } }),
	);
	const total = (name: string) => samples.get(name)?.reduce((sum, { value }) => sum + value, 0);
	expect(total('ingero_agent_events_produced_total')).toBe(
		(total('ingero_agent_events_delivered_total') ?? 0) +
			(total('ingero_agent_events_sampled_out_total') ?? 0) +
			(total('ingero_agent_events_dropped_total') ?? 0),
	);
	expect(samples.get('ingero_agent_events_dropped_total')?.map(({ labels }) => labels.cause)).toEqual([
		'late',
		'ring_full',
	]);
	expect([...page(snapshot()).keys()].filter((name) => name.startsWith('ingero_agent'))).toEqual([]);
});

test('an engine that has seen nothing makes a valid page', () => {
	const samples = page(snapshot({ workloads: [] }));
	expect(samples.get('ingero_infer_workloads_tracked')?.[0]?.value).toBe(0);
});

test('all metrics used are the contract’s, as they stand there', () => {
	const all = new Set<unknown>(Object.values(metrics));
	for (const { metric } of inferenceFamilies(snapshot())) {
		expect(all.has(metric)).toBe(true);
	}
});
