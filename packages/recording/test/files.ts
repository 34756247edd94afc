import { encodeHeader, type RecordedOperation, RecordingDecoder, RecordingError } from '../src/index';

export const operations: ReadonlyMap<number, RecordedOperation> = new Map([
	[3, { name: 'cuLaunchKernel', args: ['function', 'stream', '-'] }],
]);

/** A recording whose records hold these words, 12 a record. */
export function recordingOf(words: Uint32Array): Uint8Array {
	return joined(encodeHeader({ operations }), new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

/** Magic, length and this text as the header. */
export function recordingWithHeader(text: string): Uint8Array {
	const header = new TextEncoder().encode(text);
	return joined(prefix(header.length), header);
}

/** Magic and a header length. */
export function prefix(headerBytes: number): Uint8Array {
	const bytes = new Uint8Array(12);
	bytes.set(new TextEncoder().encode('INGEROR1'));
	new DataView(bytes.buffer).setUint32(8, headerBytes, true);
	return bytes;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function decode(chunks: Iterable<Uint8Array>): { words: number[]; records: number; cutBytes: number } {
	const words: number[] = [];
	const decoder = new RecordingDecoder({ onHeader: () => {}, onRecords: (batch) => words.push(...batch) });
	for (const chunk of chunks) decoder.push(chunk);
	return { words, ...decoder.end() };
}

/** The error code that decoding ends with, or `none`. Anything but a RecordingError passes through. */
export function codeOf(...chunks: Uint8Array[]): string {
	try {
		decode(chunks);
		return 'none';
	} catch (error) {
		if (error instanceof RecordingError) return error.code;
		throw error;
	}
}
