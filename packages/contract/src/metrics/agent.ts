// The agent itself: its store and the fate of every event.

export const anomalyCount = {
	name: 'ingero.anomaly.count',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	prometheus: { name: 'ingero_anomaly_count', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Calls that took over three times the median of their operation.',
} as const;

export const ringbufOverflowsTotal = {
	name: 'ingero.ringbuf.overflows_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	prometheus: { name: 'ingero_ringbuf_overflows_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Events that all probes together lost to a full ring buffer or a full queue.',
} as const;

export const traceDbBytes = {
	name: 'ingero.trace_db.bytes',
	type: 'gauge',
	valueType: 'int',
	unit: 'By',
	attributes: [],
	prometheus: { name: 'ingero_trace_db_bytes', type: 'gauge', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Disk space of the trace database, its write-ahead log and shared memory file included.',
} as const;

export const traceDbPrunedRowsTotal = {
	name: 'ingero.trace_db.pruned_rows_total',
	type: 'counter',
	valueType: 'int',
	unit: '{row}',
	attributes: [],
	prometheus: { name: 'ingero_trace_db_pruned_rows_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Rows deleted to keep the trace database under its size limit.',
} as const;

export const agentEventsProduced = {
	name: 'ingero.agent.events.produced',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	prometheus: { name: 'ingero_agent_events_produced_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Events that the probes saw, whatever became of them.',
} as const;

export const agentEventsDelivered = {
	name: 'ingero.agent.events.delivered',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	prometheus: { name: 'ingero_agent_events_delivered_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Events that reached the end of the pipeline.',
} as const;

export const agentEventsSampledOut = {
	name: 'ingero.agent.events.sampled_out',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	prometheus: { name: 'ingero_agent_events_sampled_out_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Events left out on purpose at the healthy sampling rate.',
} as const;

export const agentEventsDropped = {
	name: 'ingero.agent.events.dropped',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['ingero.loss.cause'],
	prometheus: { name: 'ingero_agent_events_dropped_total', type: 'counter', labels: ['cause'] },
	channels: ['otlp', 'prometheus'],
	status: 'extension',
	since: 'ts-0.16',
	description: 'Events lost, by cause. Produced is the sum of delivered, sampled out and dropped.',
} as const;
