// The reference consumer of the unix socket.

export const sinkEventsTotal = {
	name: 'ingero_sink_events_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['type'],
	prometheus: { name: 'ingero_sink_events_total', type: 'counter', labels: ['type'] },
	channels: ['prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Socket messages that the sink received, by type; types it does not know share `other`.',
} as const;

export const sinkParseErrorsTotal = {
	name: 'ingero_sink_parse_errors_total',
	type: 'counter',
	valueType: 'int',
	unit: '{line}',
	attributes: [],
	prometheus: { name: 'ingero_sink_parse_errors_total', type: 'counter', labels: [] },
	channels: ['prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Lines that the sink could not read.',
} as const;

export const sinkConnected = {
	name: 'ingero_sink_connected',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: [],
	prometheus: { name: 'ingero_sink_connected', type: 'gauge', labels: [] },
	channels: ['prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: '1 while the sink is connected to the agent, else 0.',
} as const;

export const sinkLastEventTimestampSeconds = {
	name: 'ingero_sink_last_event_timestamp_seconds',
	type: 'gauge',
	valueType: 'double',
	unit: 's',
	attributes: [],
	prometheus: { name: 'ingero_sink_last_event_timestamp_seconds', type: 'gauge', labels: [] },
	channels: ['prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Unix time of the latest message, 0 before the first.',
} as const;

export const sinkActiveStragglers = {
	name: 'ingero_sink_active_stragglers',
	type: 'gauge',
	valueType: 'int',
	unit: '1',
	attributes: ['cluster_id', 'node_id'],
	prometheus: { name: 'ingero_sink_active_stragglers', type: 'gauge', labels: ['cluster_id', 'node_id'] },
	channels: ['prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: '1 for every node that reported itself a straggler and has not recovered.',
} as const;

export const sinkDroppedTotal = {
	name: 'ingero_sink_dropped_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: ['reason'],
	prometheus: { name: 'ingero_sink_dropped_total', type: 'counter', labels: ['reason'] },
	channels: ['prometheus'],
	status: 'default',
	since: '<=0.10.0',
	description: 'Messages that the sink gave up, by reason.',
} as const;
