import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, decode, joined, operations, prefix, recordingOf, recordingWithHeader } from '../test/files';
import { encodeHeader, RECORD_BYTES, RECORD_WORDS, RecordingDecoder } from './index';

const records = fc
	.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 60 })
	.map((words) => Uint32Array.from(words.slice(0, words.length - (words.length % RECORD_WORDS))));

function* cutAt(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
	const points = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
	for (let i = 1; i < points.length; i++) yield bytes.subarray(points[i - 1], points[i]);
}

describe('a whole file', () => {
	test('delivers the same records however it is chunked', () => {
		fc.assert(
			fc.property(records, fc.nat(RECORD_BYTES - 1), fc.array(fc.nat(), { maxLength: 8 }), (words, extra, cuts) => {
				const file = joined(recordingOf(words), new Uint8Array(extra));
				expect(decode(cutAt(file, cuts))).toEqual({
					words: [...words],
					records: words.length / RECORD_WORDS,
					cutBytes: extra,
				});
			}),
		);
	});

	test('may come byte by byte', () => {
		const words = Uint32Array.from({ length: 3 * RECORD_WORDS }, (_, i) => 0xffff_ffff - i);
		const file = recordingOf(words);
		expect(decode(Array.from(file, (byte) => Uint8Array.of(byte))).words).toEqual([...words]);
	});

	test('gives its header before its records, once', () => {
		const seen: string[] = [];
		const decoder = new RecordingDecoder({
			onHeader: (header) => seen.push(`header ${header.operations.size}`),
			onRecords: (_, count) => seen.push(`records ${count}`),
		});
		const file = recordingOf(new Uint32Array(2 * RECORD_WORDS));
		expect(decoder.header).toBeUndefined();
		decoder.push(file.subarray(0, file.length - 1));
		decoder.push(file.subarray(file.length - 1));
		expect(seen).toEqual(['header 1', 'records 1', 'records 1']);
		expect(decoder.header?.operations).toEqual(operations);
	});

	test('keeps the words of a batch as they are until the next chunk', () => {
		const words = Uint32Array.from({ length: 2 * RECORD_WORDS }, (_, i) => i);
		const file = recordingOf(words);
		let batch = new Uint32Array(0) as Uint32Array;
		const decoder = new RecordingDecoder({
			onHeader: () => {},
			onRecords: (delivered) => {
				batch = delivered;
			},
		});
		decoder.push(file.subarray(0, file.length - 20));
		expect([...batch]).toEqual([...words.subarray(0, RECORD_WORDS)]);
		decoder.push(file.subarray(file.length - 20));
		expect([...batch]).toEqual([...words.subarray(RECORD_WORDS)]);
	});
});

describe('a cut file', () => {
	test('is read to its last whole record, wherever the cut is', () => {
		const words = Uint32Array.from({ length: 3 * RECORD_WORDS }, (_, i) => i);
		const file = recordingOf(words);
		const recordsAt = file.length - words.byteLength;
		expect(codeOf()).toBe('INGERO_RECORDING_NOT_A_RECORDING');
		for (let length = 1; length < recordsAt; length++) {
			expect(codeOf(file.subarray(0, length)), `${length} bytes`).toBe('INGERO_RECORDING_CUT_HEADER');
		}
		for (let length = recordsAt; length <= file.length; length++) {
			const count = Math.floor((length - recordsAt) / RECORD_BYTES);
			expect(decode([file.subarray(0, length)]), `${length} bytes`).toEqual({
				words: [...words.subarray(0, count * RECORD_WORDS)],
				records: count,
				cutBytes: (length - recordsAt) % RECORD_BYTES,
			});
		}
	});
});

describe('what is no recording', () => {
	test('is refused by its first byte', () => {
		expect(codeOf(new TextEncoder().encode('PK\u0003\u0004 a zip'))).toBe('INGERO_RECORDING_NOT_A_RECORDING');
		expect(codeOf(Uint8Array.of(0x1f))).toBe('INGERO_RECORDING_NOT_A_RECORDING');
	});

	test('never asks for more than a header may be long', () => {
		expect(codeOf(prefix(0xffff_ffff))).toBe('INGERO_RECORDING_BAD_HEADER');
		expect(codeOf(prefix((1 << 20) + 1))).toBe('INGERO_RECORDING_BAD_HEADER');
		expect(codeOf(prefix(1 << 20))).toBe('INGERO_RECORDING_CUT_HEADER');
	});

	test('fails with a RecordingError whatever the bytes are', () => {
		const valid = encodeHeader({ operations });
		const damaged = fc
			.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }))
			.map(([at, byte]) => valid.with(at, byte));
		const headers = fc.oneof(
			fc.json().map(recordingWithHeader),
			fc.jsonValue().map((ops) => recordingWithHeader(JSON.stringify({ version: 1, record_size: 48, ops }))),
			fc.jsonValue().map((version) => recordingWithHeader(JSON.stringify({ version, record_size: 48, ops: {} }))),
			fc.uint8Array().map((bytes) => joined(prefix(bytes.length), bytes)),
		);
		fc.assert(
			fc.property(fc.oneof(fc.uint8Array(), damaged, headers), fc.uint8Array({ maxLength: 100 }), (bytes, more) => {
				expect(codeOf(bytes, more)).toMatch(/^(none|INGERO_RECORDING_[A-Z_]+)$/);
			}),
			{ numRuns: 1000 },
		);
	});
});
