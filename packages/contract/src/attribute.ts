import type * as enums from './enums';

/** The shape of every attribute of points and spans. */
export interface Attribute {
	readonly key: string;
	readonly type: 'string' | 'int' | 'double' | 'bool';
	/** Points of metrics, spans, or both. */
	readonly on: readonly ('point' | 'span')[];
	/** Label on the Prometheus page, null for what is on spans only. */
	readonly prometheusLabel: string | null;
	/** Table of its values. */
	readonly enum?: keyof typeof enums;
	/** Key that the original sends instead, for `--contract-compat=go`. */
	readonly goKey?: string;
	/** Flag or condition without which the attribute is not sent. */
	readonly gate?: string;
	/** Version that introduced it: `<=0.10.0` for older, `ts-0.16` for new in this implementation. */
	readonly since: string;
	readonly description: string;
}

/** The shape of every attribute of the resource. */
export type ResourceAttribute = Pick<Attribute, 'key' | 'type' | 'gate' | 'since' | 'description'>;
