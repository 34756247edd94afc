import type { Metric } from '@ingero/contract';
import type { Histogram, MetricFamily, Point } from '../metrics/family';
import { type Series, toSeries } from './series';
import { escapeHelp, formatNumber, sampleLine } from './text';

/** Content type of {@link renderPrometheus}'s page. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * A page in the Prometheus text exposition format 0.0.4.
 *
 * Names, types, help and labels are the contract's. Families and series are sorted, so that the same facts always
 * give the same bytes; families of the same metric are joined; a metric without points, or without a place on
 * Prometheus pages, is left out. A page without any metric is one comment.
 *
 * @throws TypeError for two points of one metric with the same labels
 */
export function renderPrometheus(families: Iterable<MetricFamily>): string {
	const pages = [...joined(families)]
		.map(([metric, points]) => renderFamily(metric, points))
		.filter((page) => page !== undefined)
		.sort((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
	return pages.length === 0 ? '# no data yet\n' : pages.map((page) => page.text).join('');
}

function joined(families: Iterable<MetricFamily>): Map<Metric, Point[]> {
	const byMetric = new Map<Metric, Point[]>();
	for (const { metric, points } of families) {
		byMetric.set(metric, [...(byMetric.get(metric) ?? []), ...points]);
	}
	return byMetric;
}

function renderFamily(metric: Metric, points: readonly Point[]): { name: string; text: string } | undefined {
	if (metric.prometheus === null || points.length === 0) {
		return undefined;
	}
	const { name, type } = metric.prometheus;
	const head = `# HELP ${name} ${escapeHelp(metric.description)}\n# TYPE ${name} ${type}\n`;
	return {
		name,
		text:
			head +
			toSeries(metric, points)
				.map((series) => renderSeries(name, series))
				.join(''),
	};
}

function renderSeries(name: string, { labels, point }: Series): string {
	return point.histogram === undefined
		? sampleLine(name, labels, point.value ?? Number.NaN)
		: renderHistogram(name, labels, point.histogram);
}

/** Buckets are cumulative on the page, and the last one equals the count. */
function renderHistogram(name: string, labels: string, { bounds, counts, sum }: Histogram): string {
	const prefix = labels === '' ? '' : `${labels},`;
	let count = 0;
	const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
		count += counts[index] ?? 0;
		return sampleLine(`${name}_bucket`, `${prefix}le="${formatNumber(bound)}"`, count);
	});
	return `${buckets.join('')}${sampleLine(`${name}_sum`, labels, sum)}${sampleLine(`${name}_count`, labels, count)}`;
}
