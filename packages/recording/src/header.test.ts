import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, decode, operations, recordingWithHeader } from '../test/files';
import { encodeHeader, parseHeader, RecordingError, type RecordingFacts } from './index';

const facts: fc.Arbitrary<RecordingFacts> = fc.record({
	operations: fc
		.uniqueArray(fc.tuple(fc.nat(0xffff_ffff), fc.record({ name: fc.string(), args: fc.array(fc.string()) })), {
			selector: ([code]) => code,
		})
		.map((rows) => new Map(rows)),
	clock: fc.string(),
	wallOffsetNs: fc.option(fc.bigInt(-(2n ** 62n), 2n ** 62n), { nil: undefined }),
	gpu: fc.string({ unit: 'binary' }),
	driver: fc.string(),
	kernel: fc.string(),
	arch: fc.string(),
	workload: fc.string({ unit: 'grapheme' }),
	dropped: fc.maxSafeNat(),
});

describe('encodeHeader', () => {
	test('and parseHeader are a round trip', () => {
		fc.assert(
			fc.property(facts, (given) => {
				const bytes = encodeHeader(given);
				const parsed = parseHeader(bytes);
				expect(parsed?.recordsAt).toBe(bytes.length);
				expect(parsed?.header).toEqual({ version: 1, ...given });
			}),
		);
	});

	test('writes facts that are not known as empty', () => {
		expect(parseHeader(encodeHeader({ operations }))?.header).toEqual({
			version: 1,
			clock: 'CLOCK_MONOTONIC',
			wallOffsetNs: undefined,
			gpu: '',
			driver: '',
			kernel: '',
			arch: '',
			workload: '',
			dropped: 0,
			operations,
		});
	});

	test('keeps its length whatever the loss count, so that it can be written over', () => {
		fc.assert(
			fc.property(fc.maxSafeNat(), (dropped) => {
				expect(encodeHeader({ operations, dropped }).length).toBe(encodeHeader({ operations }).length);
			}),
		);
	});

	test('refuses what could not be read back, naming it', () => {
		for (const dropped of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
			expect(() => encodeHeader({ operations, dropped })).toThrow(new RegExp(`dropped: .* received ${dropped}`));
		}
		expect(() => encodeHeader({ operations, workload: 'x'.repeat(1 << 20) })).toThrow(TypeError);
	});
});

describe('parseHeader', () => {
	test.for([
		['no JSON', '{"version":1,'],
		['no object', 'null'],
		['no version', '{"record_size":48,"ops":{}}'],
		['version no number', '{"version":"1","record_size":48,"ops":{}}'],
		['version 0', '{"version":0,"record_size":48,"ops":{}}'],
		['another record size', '{"version":1,"record_size":40,"ops":{}}'],
		['no operations', '{"version":1,"record_size":48}'],
	])('%s: damaged', ([, text]) => {
		expect(codeOf(recordingWithHeader(text as string))).toBe('INGERO_RECORDING_BAD_HEADER');
	});

	test('refuses a newer version, whatever else it says, and names both', () => {
		let caught: unknown;
		try {
			decode([recordingWithHeader('{"version":7,"record_size":64}')]);
		} catch (error) {
			caught = error;
		}
		expect(caught).toBeInstanceOf(RecordingError);
		expect(caught).toMatchObject({ code: 'INGERO_RECORDING_NEWER_VERSION', foundVersion: 7 });
		expect((caught as Error).message).toMatch(/version 7.*version 1/);
	});

	test('takes what it can from a header that says odd things', () => {
		const ops = { '3': { name: 'cuLaunchKernel', args: ['function', 7] }, '4': null, x: { name: 'y' }, '-1': {} };
		const text = JSON.stringify({
			version: 1,
			record_size: 48,
			wall_offset_ns: 12,
			dropped: -4,
			gpu: 5,
			ops,
			later: [],
		});
		expect(parseHeader(recordingWithHeader(text))?.header).toMatchObject({
			wallOffsetNs: undefined,
			dropped: 0,
			gpu: '',
			operations: new Map([
				[3, { name: 'cuLaunchKernel', args: ['function', ''] }],
				[4, { name: '', args: [] }],
			]),
		});
	});

	test('asks for more while the header is not whole, wherever the bytes lie in their buffer', () => {
		const whole = encodeHeader({ operations });
		for (let length = 0; length < whole.length; length++)
			expect(parseHeader(whole.subarray(0, length))).toBeUndefined();
		const shifted = new Uint8Array(whole.length + 5);
		shifted.set(whole, 5);
		expect(parseHeader(shifted.subarray(5))?.header.operations).toEqual(operations);
	});
});
