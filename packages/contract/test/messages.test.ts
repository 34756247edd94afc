/** The interfaces of the messages and their tables of fields say the same. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import type * as enums from '../src/enums/index.ts';
import { type Int64, type Message, type MessageField, messages } from '../src/index.ts';
import type {
	Annotation,
	EventMessage,
	InferenceBaselineShiftMessage,
	InferenceOutlierMessage,
	InferenceSamplerDegradedMessage,
	InferenceStepMessage,
	MemoryMessage,
	RemediationMessage,
	StdoutMessage,
	StraggleMessage,
	StragglerResolvedMessage,
	StragglerStateMessage,
	SummaryMessage,
} from '../src/messages/index.ts';

type Values<Table> = Table extends readonly (infer Value)[]
	? Value
	: { [Key in keyof Table]: Table[Key] extends { readonly name: infer Name } ? Name : Table[Key] }[keyof Table];

type EnumOf<Field> = Field extends { readonly enum: infer Name extends keyof typeof enums }
	? Values<(typeof enums)[Name]>
	: string;

interface Scalars<Field> {
	string: EnumOf<Field>;
	decimal: string;
	uuid: string;
	rfc3339nano: string;
	bool: boolean;
	int: number;
	uint32: number;
	double: number;
	int64: Int64;
	uint64: Int64;
	'string[]': readonly string[];
	'uint32[]': readonly number[];
	'uint64[]': readonly Int64[];
	'decimal[]': readonly string[];
	'map<string>': Readonly<Record<string, string>>;
	'map<int64>': Readonly<Record<EnumOf<Field> & string, Int64>>;
	object: Field extends { readonly fields: infer Fields } ? FieldsOf<Fields> : never;
}

type ValueOf<Field> =
	| (Field extends { readonly type: infer Type extends keyof Scalars<Field> } ? Scalars<Field>[Type] : never)
	| (Field extends { readonly nullable: true } ? null : never);

type Required_<Fields> = {
	[K in keyof Fields as Fields[K] extends { readonly required: true } ? K : never]: Fields[K];
};

type FieldsOf<Fields> = Flat<
	{ readonly [K in keyof Required_<Fields>]: ValueOf<Fields[K & keyof Fields]> } & {
		readonly [K in Exclude<keyof Fields, keyof Required_<Fields>>]?: ValueOf<Fields[K]>;
	}
>;

type Flat<T> = { [K in keyof T]: T[K] };

type FromTable<Table extends Message> = Flat<
	(Table['type'] extends string ? { readonly type: Table['type'] } : unknown) & FieldsOf<Table['fields']>
>;

test('every interface is what its table describes', () => {
	expectTypeOf<FromTable<typeof messages.annotation>>().toEqualTypeOf<Annotation>();
	expectTypeOf<FromTable<typeof messages.event>>().toEqualTypeOf<EventMessage>();
	expectTypeOf<FromTable<typeof messages.inferenceBaselineShift>>().toEqualTypeOf<InferenceBaselineShiftMessage>();
	expectTypeOf<FromTable<typeof messages.inferenceOutlier>>().toEqualTypeOf<InferenceOutlierMessage>();
	expectTypeOf<FromTable<typeof messages.inferenceSamplerDegraded>>().toEqualTypeOf<InferenceSamplerDegradedMessage>();
	expectTypeOf<FromTable<typeof messages.inferenceStep>>().toEqualTypeOf<InferenceStepMessage>();
	expectTypeOf<FromTable<typeof messages.memory>>().toEqualTypeOf<MemoryMessage>();
	expectTypeOf<FromTable<typeof messages.straggle>>().toEqualTypeOf<StraggleMessage>();
	expectTypeOf<FromTable<typeof messages.stragglerResolved>>().toEqualTypeOf<StragglerResolvedMessage>();
	expectTypeOf<FromTable<typeof messages.stragglerState>>().toEqualTypeOf<StragglerStateMessage>();
	expectTypeOf<FromTable<typeof messages.summary>>().toEqualTypeOf<SummaryMessage>();
});

test('the unions name every message of their channel', () => {
	type On<Channel> = {
		[K in keyof typeof messages]: Channel extends (typeof messages)[K]['channels'][number]
			? (typeof messages)[K]['type']
			: never;
	}[keyof typeof messages];
	expectTypeOf<On<'remediation'>>().toEqualTypeOf<RemediationMessage['type']>();
	expectTypeOf<On<'stdout'>>().toEqualTypeOf<StdoutMessage['type']>();
});

test('types are taken once', () => {
	const types = Object.values<Message>(messages).map(({ type }) => type);
	expect(new Set(types).size).toBe(types.length);
});

describe('lines as they are written', () => {
	const step = {
		type: 'inference_step',
		pid: 1,
		tid: 1,
		cgroup_path_hash: '',
		stream_handle: '0',
		phase: 'decode',
		start_ns: 1,
		end_ns: 2,
		step_duration_ns: 1,
		launch_count: 0,
		graph_launch_count: 1,
		grid_blocks: 0,
		memcpy_bytes: 64,
		bucket: null,
		ratio: 1.02,
		expected_ns: 1,
		threshold_ns: 1,
		baseline_p95_ns: 1,
		warmed: true,
	} as const satisfies InferenceStepMessage;
	const outlier = {
		type: 'inference_outlier',
		node_id: 'n1',
		cluster_id: '',
		timestamp: '2026-05-09T14:30:55Z',
		event_id: '2a6b6076-9ffc-4faf-aaac-3cc1d30f5391',
		cgroup_path_hash: 'e916b463d100201c',
		pid: 12345,
		phase: 'decode',
		step_duration_ns: 50_000_000,
		baseline_p95_ns: 5_700_000,
		baseline_mean_ns: 5_100_000,
		bucket: '3x',
		expected_ns: 5_200_000,
		threshold_ns: 5_500_000,
	} as const satisfies InferenceOutlierMessage;
	const shift = {
		type: 'inference_baseline_shift',
		node_id: 'n1',
		cluster_id: '',
		timestamp: '2026-05-09T14:31:55Z',
		event_id: '2a6b6076-9ffc-4faf-aaac-3cc1d30f5392',
		pid: 12345,
		phase: 'decode',
		reason: 'shift',
		old_p95_ns: 5_500_000,
		new_p95_ns: 19_000_000,
		samples: 30,
	} as const satisfies InferenceBaselineShiftMessage;

	test.each([
		[messages.inferenceStep, step],
		[messages.inferenceOutlier, outlier],
		[messages.inferenceBaselineShift, shift],
	] as [Message, Record<string, unknown>][])('$type: fields in order, none missing, none unknown', (message, line) => {
		const known: [string, MessageField][] = Object.entries(message.fields);
		const written = known.filter(([name, field]) => field.required || name in line).map(([name]) => name);
		expect(Object.keys(line)).toEqual(['type', ...written]);
	});
});
