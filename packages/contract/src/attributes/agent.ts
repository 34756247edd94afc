// The telemetry itself.

export const signal = {
	key: 'signal',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'signal',
	since: 'ts-0.16',
	description: '`metrics`, `traces` or `fleet`.',
} as const;

export const outcome = {
	key: 'outcome',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'outcome',
	since: 'ts-0.16',
	description: '`success`, `partial`, `rejected` or `failed`.',
} as const;

export const reason = {
	key: 'reason',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'reason',
	since: 'ts-0.16',
	description: 'Why something was given up.',
} as const;

export const metric = {
	key: 'metric',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'metric',
	since: 'ts-0.16',
	description: 'Metric whose attribute sets overflowed.',
} as const;

export const messageType = {
	key: 'type',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'type',
	since: '<=0.10.0',
	description: 'Type of a socket message.',
} as const;

export const sinkClusterId = {
	key: 'cluster_id',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'cluster_id',
	since: '<=0.10.0',
	description: 'Cluster named in a socket message.',
} as const;

export const sinkNodeId = {
	key: 'node_id',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'node_id',
	since: '<=0.10.0',
	description: 'Node named in a socket message.',
} as const;

export const otelMetricOverflow = {
	key: 'otel.metric.overflow',
	type: 'bool',
	on: ['point'],
	prometheusLabel: 'otel_metric_overflow',
	since: 'ts-0.16',
	description: 'True on the one series that stands for all attribute sets over the limit.',
} as const;

export const lossCause = {
	key: 'ingero.loss.cause',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'cause',
	enum: 'lossCauses',
	since: 'ts-0.16',
	description: 'Why an event was lost.',
} as const;
