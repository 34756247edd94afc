import type { Metric } from '@ingero/contract';
import type { AttributesOf, AttributeValue } from './attributes';

/** Observations by size. */
export interface Histogram {
	/** Upper bounds of the finite buckets, rising; a value that equals a bound lies below it. */
	readonly bounds: readonly number[];
	/** Observations per bucket, not accumulated; one more than `bounds`, the last above them all. */
	readonly counts: readonly number[];
	/** Sum of all observed values. */
	readonly sum: number;
}

type Measured<M extends Metric> = M['type'] extends 'histogram'
	? { readonly histogram: Histogram }
	: { readonly value: number };

type Attributed<M extends Metric> = M['attributes'] extends readonly []
	? { readonly attributes?: AttributesOf<M> }
	: { readonly attributes: AttributesOf<M> };

/** One point of the metric `M`. */
export type PointOf<M extends Metric> = Measured<M> & Attributed<M>;

/** A point of whatever metric, as encoders see it. */
export interface Point {
	readonly attributes?: Readonly<Record<string, AttributeValue | undefined>>;
	readonly value?: number;
	readonly histogram?: Histogram;
}

/** A metric of the contract with its points, each with attributes of its own. */
export interface MetricFamily {
	readonly metric: Metric;
	readonly points: readonly Point[];
}

/**
 * Puts points under a metric of the contract. What the metric does not allow (another attribute, a number where a
 * histogram belongs) does not compile.
 *
 * @throws TypeError for a histogram whose counts do not fit its bounds
 */
export function family<const M extends Metric>(metric: M, points: readonly PointOf<NoInfer<M>>[]): MetricFamily {
	const plain: readonly Point[] = points;
	for (const { histogram } of plain) {
		if (histogram !== undefined && histogram.counts.length !== histogram.bounds.length + 1) {
			throw new TypeError(
				`${metric.name}: counts must be one more than bounds, got ${histogram.counts.length} for ${histogram.bounds.length}`,
			);
		}
	}
	return { metric, points: plain };
}
