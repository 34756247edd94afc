/** What must hold between the tables. */
import { describe, expect, test } from 'vitest';
import {
	type Attribute,
	attributes,
	enums,
	goHistogramBounds,
	histogramBounds,
	type Metric,
	metrics,
	type ResourceAttribute,
	resourceAttributes,
} from '../src/index.ts';

const allMetrics: readonly Metric[] = Object.values(metrics);
const allAttributes: readonly Attribute[] = Object.values(attributes);
const allResourceAttributes: readonly ResourceAttribute[] = Object.values(resourceAttributes);
const byKey = new Map(allAttributes.map((attribute) => [attribute.key, attribute]));

test('every name and key is taken once', () => {
	for (const names of [
		allMetrics.map(({ name }) => name),
		allMetrics.flatMap(({ prometheus }) => prometheus?.name ?? []),
		allAttributes.map(({ key }) => key),
		allResourceAttributes.map(({ key }) => key),
	]) {
		expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
	}
});

test('names obey OpenTelemetry and Prometheus', () => {
	for (const { name, prometheus } of allMetrics) {
		// https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax
		expect(name).toMatch(/^[a-z][a-z0-9_.]{0,254}$/);
		// https://prometheus.io/docs/concepts/data_model/, without the colon that belongs to recording rules
		if (prometheus) expect(prometheus.name).toMatch(/^[a-z_][a-z0-9_]*$/);
	}
	for (const { prometheusLabel } of allAttributes) {
		if (prometheusLabel !== null) expect(prometheusLabel).toMatch(/^(?!__)[a-z_][a-z0-9_]*$/);
	}
});

describe.each(allMetrics)('metric $name', (metric) => {
	test('carries attributes that are defined for points', () => {
		const optional = metric.optionalAttributes ?? [];
		for (const key of [...metric.attributes, ...optional]) expect(byKey.get(key)?.on, key).toContain('point');
		expect(new Set([...metric.attributes, ...optional]).size).toBe(metric.attributes.length + optional.length);
	});

	test('has the labels of its attributes, all different', () => {
		if (metric.prometheus === null) return;
		expect(metric.prometheus.labels).toEqual(metric.attributes.map((key) => byKey.get(key)?.prometheusLabel));
		const all = [...metric.attributes, ...(metric.optionalAttributes ?? [])];
		expect(new Set(all.map((key) => byKey.get(key)?.prometheusLabel)).size).toBe(all.length);
	});

	test('is on Prometheus exactly when that channel is named', () => {
		expect(metric.prometheus !== null).toBe(metric.channels.includes('prometheus'));
		if (metric.prometheus) {
			expect(metric.prometheus.type).toBe(metric.type === 'updowncounter' ? 'gauge' : metric.type);
		}
	});
});

test('every attribute of points is on some metric', () => {
	const used = new Set(
		allMetrics.flatMap(({ attributes: own, optionalAttributes = [] }) => [...own, ...optionalAttributes]),
	);
	const unused = allAttributes.filter(({ key, on }) => on.includes('point') && !used.has(key)).map(({ key }) => key);
	expect(unused.sort()).toEqual([
		// Carried by single points rather than by a metric as such.
		'gen_ai.response.model',
		'gen_ai.token.type',
		'otel.metric.overflow',
		'process.pid',
	]);
});

test('tables of values exist where attributes name them', () => {
	for (const { key, enum: table } of allAttributes) if (table) expect(Object.keys(enums), key).toContain(table);
});

describe.each(Object.entries({ ...histogramBounds, ...prefix(goHistogramBounds) }))('bounds of %s', (name, bounds) => {
	test('rise strictly and are finite', () => {
		expect(bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)))).toBe(
			true,
		);
	});

	test('belong to a histogram', () => {
		expect(allMetrics.find((metric) => metric.name === name.replace(/^go:/, ''))?.type).toBe('histogram');
	});
});

test.each([
	['ingero.infer.step_duration_ns', 100_000, 10_000_000_000],
	['ingero.infer.kvcache.alloc_age_ms', 10, 600_000],
] as const)('bounds of %s are geometric', (name, lowest, highest) => {
	const bounds = histogramBounds[name];
	const last = bounds.length - 1;
	expect(bounds).toHaveLength(15);
	expect(bounds).toEqual(
		bounds.map((_, i) => (i === last ? highest : Math.round(lowest * (highest / lowest) ** (i / last)))),
	);
});

test('the copy kinds, NCCL codes and throttle bits stay within their lists', () => {
	expect(Object.values(enums.memcpyKindCodes)).toEqual(enums.memcpyDirections);
	expect(Object.values(enums.ncclOpCodes)).toEqual(expect.arrayContaining([...enums.ncclOpTypes]));
	const bits = enums.nvmlThrottleBits.flatMap(({ bit }) => bit ?? []);
	expect(bits).toEqual(bits.map((_, i) => 1 << i));
	for (const { buckets } of enums.nvmlThrottleBits) {
		for (const bucket of buckets) expect(enums.throttleBuckets).toContain(bucket);
	}
});

function prefix(table: object): Record<string, readonly number[]> {
	return Object.fromEntries(Object.entries(table).map(([name, bounds]) => [`go:${name}`, bounds]));
}
