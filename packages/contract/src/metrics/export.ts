// What became of the telemetry on its way out.

export const exportRequestsTotal = {
	name: 'ingero.export.requests_total',
	type: 'counter',
	valueType: 'int',
	unit: '{request}',
	attributes: ['signal', 'outcome'],
	prometheus: { name: 'ingero_export_requests_total', type: 'counter', labels: ['signal', 'outcome'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Export requests by signal and outcome, each counted once whatever its retries.',
} as const;

export const exportRetriesTotal = {
	name: 'ingero.export.retries_total',
	type: 'counter',
	valueType: 'int',
	unit: '{request}',
	attributes: ['signal'],
	prometheus: { name: 'ingero_export_retries_total', type: 'counter', labels: ['signal'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Repeated export requests, by signal.',
} as const;

export const exportDroppedItemsTotal = {
	name: 'ingero.export.dropped_items_total',
	type: 'counter',
	valueType: 'int',
	unit: '{item}',
	attributes: ['signal', 'reason'],
	prometheus: { name: 'ingero_export_dropped_items_total', type: 'counter', labels: ['signal', 'reason'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Points and spans given up before they were delivered, by signal and reason.',
} as const;

export const exportRejectedItemsTotal = {
	name: 'ingero.export.rejected_items_total',
	type: 'counter',
	valueType: 'int',
	unit: '{item}',
	attributes: ['signal'],
	prometheus: { name: 'ingero_export_rejected_items_total', type: 'counter', labels: ['signal'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Points and spans that the receiver accepted the request without, by signal.',
} as const;

export const exportQueueItems = {
	name: 'ingero.export.queue_items',
	type: 'gauge',
	valueType: 'int',
	unit: '{item}',
	attributes: ['signal'],
	prometheus: { name: 'ingero_export_queue_items', type: 'gauge', labels: ['signal'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Points and spans that wait for export, by signal.',
} as const;

export const udsDroppedTotal = {
	name: 'ingero.uds.dropped_total',
	type: 'counter',
	valueType: 'int',
	unit: '{message}',
	attributes: ['reason'],
	prometheus: { name: 'ingero_uds_dropped_total', type: 'counter', labels: ['reason'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Socket messages that reached no client, by reason.',
} as const;

export const seriesOverflowTotal = {
	name: 'ingero.series.overflow_total',
	type: 'counter',
	valueType: 'int',
	unit: '{series}',
	attributes: ['metric'],
	prometheus: { name: 'ingero_series_overflow_total', type: 'counter', labels: ['metric'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Attribute sets folded into the overflow series of their metric.',
} as const;
