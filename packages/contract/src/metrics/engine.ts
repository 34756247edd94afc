// What an inference engine says about itself on its own metrics page.

export const genAiClientOperationTimeToFirstToken = {
	name: 'gen_ai.client.operation.time_to_first_token',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: ['gen_ai.system', 'gen_ai.request.model', 'ingero.engine.pid'],
	prometheus: null,
	channels: ['otlp'],
	status: 'compat',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Time to the first token as the engine reports it, under the historic name.',
} as const;

export const genAiClientOperationDuration = {
	name: 'gen_ai.client.operation.duration',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: ['gen_ai.system', 'gen_ai.request.model', 'ingero.engine.pid'],
	prometheus: null,
	channels: ['otlp'],
	status: 'compat',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Latency of whole requests as the engine reports it, under the historic name.',
} as const;

export const genAiServerTimePerOutputToken = {
	name: 'gen_ai.server.time_per_output_token',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: ['gen_ai.system', 'gen_ai.request.model', 'ingero.engine.pid'],
	prometheus: null,
	channels: ['otlp'],
	status: 'compat',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Time per token after the first, as the engine reports it.',
} as const;

export const genAiServerRequestDurationPrefill = {
	name: 'gen_ai.server.request.duration.prefill',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: ['gen_ai.system', 'gen_ai.request.model', 'ingero.engine.pid'],
	prometheus: null,
	channels: ['otlp'],
	status: 'compat',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Time requests spend in prefill, as the engine reports it.',
} as const;

export const genAiServerRequestDurationDecode = {
	name: 'gen_ai.server.request.duration.decode',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: ['gen_ai.system', 'gen_ai.request.model', 'ingero.engine.pid'],
	prometheus: null,
	channels: ['otlp'],
	status: 'compat',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Time requests spend in decode, as the engine reports it.',
} as const;

export const genAiClientTokenUsage = {
	name: 'gen_ai.client.token.usage',
	type: 'histogram',
	valueType: 'double',
	unit: '{token}',
	attributes: ['gen_ai.system', 'gen_ai.request.model', 'ingero.engine.pid'],
	prometheus: null,
	channels: ['otlp'],
	status: 'compat',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Tokens per request, as the engine reports them.',
} as const;

export const genAiServerTimeToFirstToken = {
	name: 'gen_ai.server.time_to_first_token',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: [
		'gen_ai.operation.name',
		'gen_ai.provider.name',
		'gen_ai.request.model',
		'server.address',
		'server.port',
	],
	optionalAttributes: ['ingero.engine.pid'],
	prometheus: {
		name: 'gen_ai_server_time_to_first_token',
		type: 'histogram',
		labels: ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model', 'server_address', 'server_port'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: 'Time to the first token as the engine reports it, in the standard form.',
} as const;

export const genAiServerRequestDuration = {
	name: 'gen_ai.server.request.duration',
	type: 'histogram',
	valueType: 'double',
	unit: 's',
	attributes: [
		'gen_ai.operation.name',
		'gen_ai.provider.name',
		'gen_ai.request.model',
		'server.address',
		'server.port',
	],
	optionalAttributes: ['ingero.engine.pid', 'error.type'],
	prometheus: {
		name: 'gen_ai_server_request_duration',
		type: 'histogram',
		labels: ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model', 'server_address', 'server_port'],
	},
	channels: ['otlp', 'prometheus'],
	status: 'opt-in',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: 'Latency of whole requests as the engine reports it, in the standard form.',
} as const;
