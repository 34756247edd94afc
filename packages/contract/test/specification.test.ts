/** Compares the tables with fixtures/specification.json, the facts of the specification they were written from. */
import { expect, test } from 'vitest';
import {
	annotationSocket,
	attributes,
	CONTRACT_VERSION,
	enums,
	goHistogramBounds,
	histogramBounds,
	type Message,
	type Metric,
	messages,
	metrics,
	remediationSocket,
	resourceAttributes,
} from '../src/index.ts';
import specification from './fixtures/specification.json' with { type: 'json' };

const OURS = 'ts-0.16';
const allMetrics: readonly Metric[] = Object.values(metrics);

test('version', () => {
	expect(CONTRACT_VERSION).toBe(specification.contractVersion);
});

test.each(specification.metrics)('metric $name', (specified) => {
	const {
		description: _prose,
		status: _status,
		gate: _gate,
		...facts
	} = allMetrics.find(({ name }) => name === specified.name) as Metric;
	expect(facts).toEqual({ prometheus: null, ...specified });
});

test('metrics that the specification lacks are marked as new', () => {
	const specified = new Set(specification.metrics.map(({ name }) => name));
	const additions = allMetrics.filter(({ name }) => !specified.has(name));
	expect(additions.map(({ name }) => name).sort()).toEqual([
		'ingero.agent.events.delivered',
		'ingero.agent.events.dropped',
		'ingero.agent.events.produced',
		'ingero.agent.events.sampled_out',
		'ingero.infer.steps_discarded',
	]);
	for (const { name, since, status } of additions) expect([name, since, status]).toEqual([name, OURS, 'extension']);
});

test('attributes of points and spans', () => {
	const place = { datapoint: 'point', span: 'span' } as const;
	const table = Object.values(attributes);
	for (const specified of specification.attributes) {
		if (specified.where === 'resource') continue;
		const ours = table.find(({ key }) => key === specified.key);
		expect(ours, specified.key).toMatchObject({
			type: specified.type,
			on: expect.arrayContaining([place[specified.where as 'datapoint' | 'span']]),
			...(specified.where === 'datapoint' && { prometheusLabel: specified.prometheusLabel }),
			...(specified.goKey !== undefined && { goKey: specified.goKey }),
		});
	}
	const places = table.flatMap(({ key, on }) => on.map((where) => `${where} ${key}`));
	const specifiedPlaces = specification.attributes
		.filter(({ where }) => where !== 'resource')
		.map(({ key, where }) => `${place[where as 'datapoint' | 'span']} ${key}`);
	expect(places.filter((entry) => !specifiedPlaces.includes(entry)).sort()).toEqual([
		'point ingero.infer.discard_reason',
		'point ingero.loss.cause',
	]);
});

test('attributes of the resource', () => {
	const pairs = (list: readonly { key: string; type: string }[]) => list.map(({ key, type }) => [key, type]).sort();
	expect(pairs(Object.values(resourceAttributes))).toEqual(
		pairs(specification.attributes.filter(({ where }) => where === 'resource')),
	);
});

test('histogram bounds', () => {
	const prefixed = Object.entries(goHistogramBounds).map(([name, bounds]) => [`go-compat:${name}`, bounds]);
	expect({ ...histogramBounds, ...Object.fromEntries(prefixed) }).toEqual(specification.histograms);
});

test('enumerations', () => {
	const asSpecified = Object.values(enums).map((values) =>
		values === enums.nvmlThrottleBits
			? values.map((row) => ({
					...row,
					bit: row.bit === null ? 'other' : `0x${row.bit.toString(16).padStart(3, '0')}`,
				}))
			: values,
	);
	for (const [name, specified] of Object.entries(specification.enums)) {
		expect(asSpecified, name).toContainEqual(specified);
	}
	const additions = Object.keys(enums).length - Object.keys(specification.enums).length;
	expect(
		additions,
		'baselineShiftReasons, kvCacheCoverages, kvCacheGranularities, lossCauses, eventFates, stepDiscardReasons, slowStepCauses, sessionSources, probeLevels, cudaGraphCaptureModes',
	).toBe(10);
});

const wireTypes: Record<string, string> = { 'map<string,string>': 'map<string>' };
/** What this implementation adds to a message of the original says so in its `since`. */
function fieldsOf({ fields }: Message): unknown[] {
	const original = Object.entries(fields).filter(([, { since }]) => !since?.startsWith('ts-'));
	return original.map(([name, { type, required }]) => ({ name, type, required }));
}

test.each(Object.entries(specification.messages))('message %s', (type, specified) => {
	const message = Object.values<Message>(messages).find((candidate) => candidate.type === type) as Message;
	const [discriminator, ...fields] = specified.fields;
	expect(discriminator).toEqual({ name: 'type', type: 'string', required: true });
	expect(fieldsOf(message)).toEqual(fields);
	expect(message).toMatchObject({ stability: specified.stability, since: specified.since });
});

test('sockets', () => {
	expect(remediationSocket).toMatchObject({
		path: specification.socket.path,
		mode: Number.parseInt(specification.socket.mode, 8),
		groupMode: Number.parseInt(specification.socket.modeWithGid, 8),
		groupId: specification.socket.defaultGid,
		framing: specification.socket.framing,
	});
	expect(annotationSocket).toMatchObject({
		path: specification.annotation.path,
		limits: specification.annotation.limits,
	});
	expect(fieldsOf(messages.annotation)).toEqual(
		specification.annotation.fields.map((field) => ({ ...field, type: wireTypes[field.type] ?? field.type })),
	);
});
