import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeHeader, parseHeader, RECORD_BYTES, RecordingDecoder, RecordingError } from './index';

const operations = new Map([[3, { name: 'cuLaunchKernel', args: ['function', 'stream', '-'] }]]);

function decode(chunks: Iterable<Uint8Array>): { words: number[]; cutBytes: number } {
	const words: number[] = [];
	const decoder = new RecordingDecoder({
		onHeader: () => {},
		onRecords: (batch) => {
			for (const word of batch) words.push(word);
		},
	});
	for (const chunk of chunks) decoder.push(chunk);
	return { words, cutBytes: decoder.end().cutBytes };
}

function* cutAt(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
	const points = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
	for (let i = 1; i < points.length; i++) yield bytes.subarray(points[i - 1], points[i]);
}

function codeOf(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		if (error instanceof RecordingError) return error.code;
		throw error;
	}
	return 'none';
}

describe('decoding', () => {
	test('any chunking of a file delivers the same records', () => {
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 0, maxLength: 60 }),
				fc.nat(RECORD_BYTES - 1),
				fc.array(fc.nat(), { maxLength: 8 }),
				(raw, extra, cuts) => {
					const words = Uint32Array.from(raw.slice(0, raw.length - (raw.length % 12)));
					const header = encodeHeader({ operations });
					const file = new Uint8Array(header.length + words.byteLength + extra);
					file.set(header);
					file.set(new Uint8Array(words.buffer), header.length);
					expect(decode(cutAt(file, cuts))).toEqual({ words: [...words], cutBytes: extra });
				},
			),
		);
	});

	test('refuses what is no recording, says what is wrong', () => {
		expect(codeOf(() => decode([]))).toBe('INGERO_RECORDING_NOT_A_RECORDING');
		expect(codeOf(() => decode([new TextEncoder().encode('PK\u0003\u0004 a zip')]))).toBe(
			'INGERO_RECORDING_NOT_A_RECORDING',
		);
		expect(codeOf(() => decode([encodeHeader({ operations }).subarray(0, 40)]))).toBe('INGERO_RECORDING_CUT_HEADER');
		expect(codeOf(() => decode([withHeader('{"version":1,"record_size":40,"ops":{}}')]))).toBe(
			'INGERO_RECORDING_BAD_HEADER',
		);
		expect(codeOf(() => decode([withHeader('{"version":1,')]))).toBe('INGERO_RECORDING_BAD_HEADER');
	});

	test('names both versions when the recording is newer', () => {
		expect(() => decode([withHeader('{"version":2,"record_size":64,"ops":{}}')])).toThrow(/version 2.*version 1/);
	});
});

describe('header', () => {
	test('survives a round trip', () => {
		const wallOffsetNs = 1_700_000_000_123_456_789n;
		const parsed = parseHeader(encodeHeader({ operations, wallOffsetNs, gpu: 'H100', dropped: 7 }));
		expect(parsed?.header).toMatchObject({ wallOffsetNs, gpu: 'H100', dropped: 7, clock: 'CLOCK_MONOTONIC' });
		expect(parsed?.header.operations).toEqual(operations);
	});

	test('keeps its length whatever the loss count, so that it can be written over', () => {
		fc.assert(
			fc.property(fc.maxSafeNat(), (dropped) => {
				expect(encodeHeader({ operations, dropped }).length).toBe(encodeHeader({ operations }).length);
			}),
		);
	});
});

function withHeader(text: string): Uint8Array {
	const bytes = new Uint8Array(12 + text.length);
	bytes.set(new TextEncoder().encode('INGEROR1'));
	new DataView(bytes.buffer).setUint32(8, text.length, true);
	bytes.set(new TextEncoder().encode(text), 12);
	return bytes;
}
