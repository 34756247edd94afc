// How the inference engine itself is doing.

export const inferEvictionsTotal = {
	name: 'ingero.infer.evictions_total',
	type: 'counter',
	valueType: 'int',
	unit: '{workload}',
	attributes: [],
	prometheus: { name: 'ingero_infer_evictions_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Workloads forgotten to make room for others.',
} as const;

export const inferOutlierQueueDroppedTotal = {
	name: 'ingero.infer.outlier_queue_dropped_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	prometheus: { name: 'ingero_infer_outlier_queue_dropped_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Slow steps that were not reported because the queue of reports was full.',
} as const;

export const inferStepsClassifiedTotal = {
	name: 'ingero.infer.steps_classified_total',
	type: 'counter',
	valueType: 'int',
	unit: '{step}',
	attributes: ['ingero.infer.phase'],
	prometheus: { name: 'ingero_infer_steps_classified_total', type: 'counter', labels: ['phase'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Steps completed, by phase.',
} as const;

export const inferScrapeErrorsTotal = {
	name: 'ingero.infer.scrape.errors_total',
	type: 'counter',
	valueType: 'int',
	unit: '{scrape}',
	attributes: ['engine'],
	prometheus: { name: 'ingero_infer_scrape_errors_total', type: 'counter', labels: ['engine'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Readings of the metrics page of an engine that failed.',
} as const;

export const inferStepsDiscarded = {
	name: 'ingero.infer.steps_discarded',
	type: 'counter',
	valueType: 'int',
	unit: '{step}',
	attributes: ['ingero.infer.discard_reason'],
	prometheus: { name: 'ingero_infer_steps_discarded_total', type: 'counter', labels: ['reason'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Steps completed but kept out of the baselines, by reason.',
} as const;
