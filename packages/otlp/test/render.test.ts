import { type Metric, metrics } from '@ingero/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { family, type Histogram, type MetricFamily, renderPrometheus } from '../src';
import { parseStrictly } from './strict-parser';

const { inferStepDurationNs, inferBaselineP95Ns, inferOutlierTotal, inferWorkloadsTracked, inferKvcacheAllocAgeMs } =
	metrics;

const workload = {
	'ingero.cgroup.path_hash': 'e916b463d100201c',
	pid: 4242,
	'ingero.infer.stream_handle': '139888628342400',
	'ingero.infer.phase': 'decode',
} as const;

test('a page as a whole', () => {
	const page = renderPrometheus([
		family(inferWorkloadsTracked, [{ value: 2 }]),
		family(inferStepDurationNs, [
			{ attributes: workload, histogram: { bounds: [100_000, 2.5e9], counts: [3, 0, 1], sum: 10_000_000_123 } },
		]),
		family(inferOutlierTotal, [
			{ attributes: { ...workload, pid: 10, 'ingero.infer.outlier_bucket': '3x' }, value: 7 },
			{ attributes: { ...workload, pid: 9, 'ingero.infer.outlier_bucket': '2x' }, value: 0 },
		]),
	]);

	expect(page).toBe(`# HELP ingero_infer_outlier_total ${inferOutlierTotal.description}
# TYPE ingero_infer_outlier_total counter
ingero_infer_outlier_total{cgroup_path_hash="e916b463d100201c",pid="9",stream_handle="139888628342400",phase="decode",bucket="2x"} 0
ingero_infer_outlier_total{cgroup_path_hash="e916b463d100201c",pid="10",stream_handle="139888628342400",phase="decode",bucket="3x"} 7
# HELP ingero_infer_step_duration_ns ${inferStepDurationNs.description}
# TYPE ingero_infer_step_duration_ns histogram
ingero_infer_step_duration_ns_bucket{cgroup_path_hash="e916b463d100201c",pid="4242",stream_handle="139888628342400",phase="decode",le="100000"} 3
ingero_infer_step_duration_ns_bucket{cgroup_path_hash="e916b463d100201c",pid="4242",stream_handle="139888628342400",phase="decode",le="2500000000"} 3
ingero_infer_step_duration_ns_bucket{cgroup_path_hash="e916b463d100201c",pid="4242",stream_handle="139888628342400",phase="decode",le="+Inf"} 4
ingero_infer_step_duration_ns_sum{cgroup_path_hash="e916b463d100201c",pid="4242",stream_handle="139888628342400",phase="decode"} 10000000123
ingero_infer_step_duration_ns_count{cgroup_path_hash="e916b463d100201c",pid="4242",stream_handle="139888628342400",phase="decode"} 4
# HELP ingero_infer_workloads_tracked ${inferWorkloadsTracked.description}
# TYPE ingero_infer_workloads_tracked gauge
ingero_infer_workloads_tracked 2
`);
});

test('without any metric the page is one comment', () => {
	expect(renderPrometheus([])).toMatch(/^# .*\n$/);
	expect(renderPrometheus([family(inferBaselineP95Ns, [])])).toMatch(/^# .*\n$/);
	expect(parseStrictly(renderPrometheus([]))).toEqual([]);
});

test('optional attributes that are not known make no label', () => {
	const page = renderPrometheus([
		family(inferBaselineP95Ns, [
			{ attributes: { ...workload, 'gen_ai.system': '', 'gen_ai.request.model': undefined }, value: 1 },
			{ attributes: { ...workload, pid: 1, 'gen_ai.system': 'vllm', 'gen_ai.request.model': 'llama' }, value: 2 },
		]),
	]);
	expect(parseStrictly(page)[0]?.samples.map((sample) => Object.keys(sample.labels).slice(4))).toEqual([
		['gen_ai_request_model', 'gen_ai_system'],
		[],
	]);
});

test('numbers of every kind', () => {
	const values = [0, -0, 1, 2 ** 53, 1.5, 1e21, 1e-9, Number.MAX_VALUE, Number.NaN, Infinity, -Infinity];
	const page = renderPrometheus([
		family(
			inferBaselineP95Ns,
			values.map((value, pid) => ({ attributes: { ...workload, pid }, value })),
		),
	]);
	const written = page
		.split('\n')
		.filter((line) => line.startsWith('ingero'))
		.map((line) => line.slice(line.lastIndexOf(' ') + 1));
	expect(written).toEqual([
		'0',
		'0',
		'1',
		'9007199254740992',
		'1.5',
		'1e+21',
		'1e-9',
		'1.7976931348623157e+308',
		'NaN',
		'+Inf',
		'-Inf',
	]);
});

describe('whatever the values, an independent reader gets them back', () => {
	const nastyText = fc.string({
		unit: fc.oneof(
			fc.constantFrom('\\', '"', '\n', '\r', '{', '}', ',', '=', ' ', '#', 'n', '\u2028', '\0', 'é', '🚀'),
			fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
		),
	});

	test('label values', () => {
		fc.assert(
			fc.property(nastyText, nastyText, (hash, model) => {
				const attributes = { ...workload, 'ingero.cgroup.path_hash': hash, 'gen_ai.request.model': model };
				const [parsed] = parseStrictly(renderPrometheus([family(inferBaselineP95Ns, [{ attributes, value: 1 }])]));
				const { cgroup_path_hash, gen_ai_request_model } = parsed?.samples[0]?.labels ?? {};
				expect(cgroup_path_hash).toBe(hash);
				expect(gen_ai_request_model ?? '').toBe(model);
			}),
		);
	});

	test('half a surrogate pair, which UTF-8 cannot carry, becomes the replacement character', () => {
		const attributes = { ...workload, 'ingero.cgroup.path_hash': 'a\ud83db' };
		const [parsed] = parseStrictly(renderPrometheus([family(inferBaselineP95Ns, [{ attributes, value: 1 }])]));
		expect(parsed?.samples[0]?.labels.cgroup_path_hash).toBe('a\ufffdb');
	});

	test('help texts', () => {
		fc.assert(
			fc.property(nastyText, (description) => {
				const metric: Metric = { ...inferWorkloadsTracked, description };
				const [parsed] = parseStrictly(renderPrometheus([{ metric, points: [{ value: 1 }] }]));
				expect(parsed?.help).toBe(description);
			}),
		);
	});

	test('numbers', () => {
		fc.assert(
			fc.property(fc.double(), (value) => {
				const [parsed] = parseStrictly(renderPrometheus([family(inferWorkloadsTracked, [{ value }])]));
				expect(parsed?.samples[0]?.value).toBe(value + 0); // -0 has no meaning on the page
			}),
		);
	});

	test('histograms', () => {
		const histograms: fc.Arbitrary<Histogram> = fc
			.uniqueArray(
				fc.double({ noNaN: true, noDefaultInfinity: true }).map((bound) => bound + 0),
				{ maxLength: 20 },
			)
			.chain((bounds) =>
				fc.record({
					bounds: fc.constant(bounds.sort((a, b) => a - b)),
					counts: fc.array(fc.nat(1_000_000), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
					sum: fc.double({ noNaN: true, noDefaultInfinity: true }),
				}),
			);
		fc.assert(
			fc.property(histograms, (histogram) => {
				const [parsed] = parseStrictly(renderPrometheus([family(inferKvcacheAllocAgeMs, [{ histogram }])]));
				const samples = parsed?.samples ?? [];
				const total = histogram.counts.reduce((sum, count) => sum + count, 0);
				expect(samples.slice(0, -2).map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')))).toEqual([
					...histogram.bounds,
					Number.POSITIVE_INFINITY,
				]);
				const perBucket = samples.slice(0, -2).map(({ value }, i, all) => value - (all[i - 1]?.value ?? 0));
				expect(perBucket).toEqual(histogram.counts);
				expect(samples.slice(-2).map(({ value }) => value)).toEqual([histogram.sum + 0, total]);
			}),
		);
	});
});

test('the same facts give the same bytes, in whatever order they come', () => {
	const points = [1, 2, 10, 20].map((pid) => ({ attributes: { ...workload, pid }, value: pid }));
	const families: MetricFamily[] = [
		family(inferWorkloadsTracked, [{ value: 1 }]),
		family(inferBaselineP95Ns, points.slice(0, 2)),
		family(inferBaselineP95Ns, points.slice(2)),
	];
	const page = renderPrometheus(families);
	fc.assert(
		fc.property(fc.shuffledSubarray(families, { minLength: 3 }), (shuffled) => {
			expect(renderPrometheus(shuffled)).toBe(page);
		}),
	);
	expect(parseStrictly(page).map(({ name, samples }) => [name, samples.map(({ value }) => value)])).toEqual([
		['ingero_infer_baseline_p95_ns', [1, 2, 10, 20]],
		['ingero_infer_workloads_tracked', [1]],
	]);
});

test('every metric of the contract that has a place on the page carries the labels it promises', () => {
	const onPage = (Object.values(metrics) as Metric[]).filter((metric) => metric.prometheus !== null);
	const families = onPage.map((metric) => ({
		metric,
		points: [
			{
				attributes: Object.fromEntries(metric.attributes.map((key, index) => [key, `v${index}`])),
				...(metric.type === 'histogram' ? { histogram: { bounds: [1], counts: [0, 0], sum: 0 } } : { value: 1 }),
			},
		],
	}));
	const parsed = new Map(parseStrictly(renderPrometheus(families)).map((found) => [found.name, found]));
	expect(onPage.length).toBeGreaterThan(20);
	for (const { prometheus } of onPage) {
		const found = parsed.get(prometheus?.name ?? '');
		expect(found?.type).toBe(prometheus?.type);
		const { le: _, ...labels } = found?.samples[0]?.labels ?? {};
		expect(labels).toEqual(Object.fromEntries((prometheus?.labels ?? []).map((label, index) => [label, `v${index}`])));
	}
});

test('two points of one series are refused, since no scraper would take the page', () => {
	const point = { attributes: workload, value: 1 };
	expect(() => renderPrometheus([family(inferBaselineP95Ns, [point, { ...point, value: 2 }])])).toThrow(
		/points of ingero.infer.baseline_p95_ns must differ in their attributes, got two with {cgroup_path_hash=/,
	);
});

test('a histogram must fit its bounds', () => {
	expect(() => family(inferKvcacheAllocAgeMs, [{ histogram: { bounds: [1, 2], counts: [1, 2], sum: 3 } }])).toThrow(
		/counts must be one more than bounds, got 2 for 2/,
	);
});
