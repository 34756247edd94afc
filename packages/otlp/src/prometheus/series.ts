import type { Metric } from '@ingero/contract';
import { type AttributeValue, prometheusLabels } from '../metrics/attributes';
import type { Point } from '../metrics/family';
import { formatLabels } from './text';

/** A point with its labels as they stand on the page. */
export interface Series {
	readonly labels: string;
	readonly point: Point;
}

interface Column {
	readonly key: string;
	readonly label: string;
	readonly optional: boolean;
}

/**
 * The series of one family, ordered by their attribute values, first attribute first, numbers by size.
 *
 * @throws TypeError for two points with the same labels, which no scraper would accept
 */
export function toSeries(metric: Metric, points: readonly Point[]): Series[] {
	const columns = columnsOf(metric);
	const series = [...points]
		.sort((one, other) => compare(one, other, columns))
		.map((point) => ({ labels: formatLabels(labelsOf(point, columns)), point }));
	const seen = new Set<string>();
	for (const { labels } of series) {
		if (seen.has(labels)) {
			throw new TypeError(`points of ${metric.name} must differ in their attributes, got two with {${labels}}`);
		}
		seen.add(labels);
	}
	return series;
}

function columnsOf(metric: Metric): Column[] {
	const required = metric.attributes.map((key, index) => ({
		key,
		label: metric.prometheus?.labels[index] ?? key,
		optional: false,
	}));
	const optional = (metric.optionalAttributes ?? []).flatMap((key) => {
		const label = prometheusLabels.get(key) ?? null;
		return label === null ? [] : [{ key, label, optional: true }];
	});
	return [...required, ...optional];
}

function labelsOf(point: Point, columns: readonly Column[]): [string, string][] {
	return columns.flatMap(({ key, label, optional }): [string, string][] => {
		const value = point.attributes?.[key];
		return value === undefined || (optional && value === '') ? [] : [[label, String(value)]];
	});
}

function compare(one: Point, other: Point, columns: readonly Column[]): number {
	for (const { key } of columns) {
		const order = compareValues(one.attributes?.[key], other.attributes?.[key]);
		if (order !== 0) {
			return order;
		}
	}
	return 0;
}

function compareValues(one: AttributeValue = '', other: AttributeValue = ''): number {
	if (typeof one === 'number' && typeof other === 'number') {
		return one - other;
	}
	const [left, right] = [String(one), String(other)];
	return left < right ? -1 : Number(left > right);
}
