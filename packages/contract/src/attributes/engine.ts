// The inference engine and its requests.

export const genAiRequestModel = {
	key: 'gen_ai.request.model',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'gen_ai_request_model',
	gate: 'engine detected',
	since: '0.16.0',
	description: 'Model on the command line of the engine.',
} as const;

export const genAiSystem = {
	key: 'gen_ai.system',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'gen_ai_system',
	enum: 'engines',
	gate: 'engine detected',
	since: '0.16.0',
	description: 'Inference engine. The conventions have replaced this key with `gen_ai.provider.name`.',
} as const;

export const genAiProviderName = {
	key: 'gen_ai.provider.name',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'gen_ai_provider_name',
	enum: 'engines',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: 'Inference engine, in the standard form.',
} as const;

export const genAiResponseModel = {
	key: 'gen_ai.response.model',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'gen_ai_response_model',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Model the engine says it serves.',
} as const;

export const genAiOperationName = {
	key: 'gen_ai.operation.name',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'gen_ai_operation_name',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Kind of request, `text_completion` unless the engine says otherwise.',
} as const;

export const genAiTokenType = {
	key: 'gen_ai.token.type',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'gen_ai_token_type',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: '`input` or `output`.',
} as const;

export const enginePid = {
	key: 'ingero.engine.pid',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'ingero_engine_pid',
	gate: 'engine scrape',
	since: '0.16.0',
	description: 'Process id of the engine whose metrics page was read.',
} as const;

export const serverAddress = {
	key: 'server.address',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'server_address',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: 'Host of the engine whose metrics page was read.',
} as const;

export const serverPort = {
	key: 'server.port',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'server_port',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: 'Port of the engine whose metrics page was read.',
} as const;

export const errorType = {
	key: 'error.type',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'error_type',
	gate: 'semconv opt-in "gen_ai"',
	since: 'ts-0.16',
	description: 'Class of an error, one of few.',
} as const;

export const engine = {
	key: 'engine',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'engine',
	since: 'ts-0.16',
	description: 'Inference engine whose metrics page was read.',
} as const;
