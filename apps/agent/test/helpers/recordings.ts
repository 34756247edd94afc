import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordings } from '@ingero/fixture-recordings';
import { encodeHeader, parseHeader, RECORD_BYTES, RECORD_WORDS, type RecordingHeader } from '@ingero/recording';

/** Those that every test of replaying goes through. */
export const RECORDINGS = ['h100-serving-a', 'h100x2-parallel-a', 'h100-vllm-a'] as const;
export type RecordingName = (typeof RECORDINGS)[number];

/** @param name of any recording of the repository */
export function pathOf(name: string): string {
	const recording = recordings[name];
	if (recording === undefined) throw new Error(`no recording is called ${name}`);
	return recording.igr;
}

/** A recording taken apart, so that a test can make another one of it. */
export interface Taken {
	readonly header: RecordingHeader;
	readonly records: Uint32Array;
}

/** The whole file, not compressed. */
export function bytesOf(name: string): Uint8Array {
	return new Uint8Array(gunzipSync(readFileSync(pathOf(name))));
}

export function takeApart(bytes: Uint8Array): Taken {
	const parsed = parseHeader(bytes);
	if (parsed === undefined) throw new Error('too short for a recording');
	const { header, recordsAt } = parsed;
	const whole = bytes.length - ((bytes.length - recordsAt) % RECORD_BYTES);
	return { header, records: new Uint32Array(bytes.slice(recordsAt, whole).buffer) };
}

export function putTogether({ header, records }: Taken): Uint8Array {
	return Buffer.concat([encodeHeader(header), new Uint8Array(records.buffer, records.byteOffset, records.byteLength)]);
}

/** The first `count` records, as a copy. */
export function firstRecords({ header, records }: Taken, count: number): Taken {
	return { header, records: records.slice(0, count * RECORD_WORDS) };
}

/** A recording with a header that no writer of ours would write. */
export function withHeaderText(text: string, { records }: Taken): Uint8Array {
	const header = new TextEncoder().encode(text);
	const length = new Uint8Array(4);
	new DataView(length.buffer).setUint32(0, header.length, true);
	return Buffer.concat([new TextEncoder().encode('INGEROR1'), length, header, new Uint8Array(records.buffer)]);
}
