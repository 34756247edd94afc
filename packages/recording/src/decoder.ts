import { RecordingError } from './errors';
import { parseHeader, RECORD_BYTES, RECORD_WORDS, type RecordingHeader } from './header';

/** Receives whole records, {@link RECORD_WORDS} little-endian words each, valid only during the call. */
export type RecordSink = (words: Uint32Array, recordCount: number) => void;

/** What a recording turned out to hold. */
export interface DecodeResult {
	/** Whole records delivered. */
	readonly records: number;
	/** Bytes after the last whole record: more than 0 means that the file was cut. */
	readonly cutBytes: number;
}

/**
 * Decodes a recording from chunks of any size, as a stream or a file delivers them.
 *
 * Records reach the sink in batches, in file order, as words of one aligned buffer that is used again:
 * nothing is allocated per record.
 */
export class RecordingDecoder {
	#header: RecordingHeader | undefined;
	#pending: Uint8Array = new Uint8Array(0);
	#aligned = new Uint32Array(0);
	#records = 0;
	readonly #sink: RecordSink;
	readonly #onHeader: (header: RecordingHeader) => void;

	constructor(options: { readonly onHeader: (header: RecordingHeader) => void; readonly onRecords: RecordSink }) {
		this.#onHeader = options.onHeader;
		this.#sink = options.onRecords;
	}

	/** The header, once enough bytes have come. */
	get header(): RecordingHeader | undefined {
		return this.#header;
	}

	/** @throws RecordingError when the bytes are no recording this version reads */
	push(chunk: Uint8Array): void {
		let bytes = this.#pending.length === 0 ? chunk : concatenate(this.#pending, chunk);
		if (this.#header === undefined) {
			const parsed = parseHeader(bytes);
			if (parsed === undefined) {
				this.#pending = bytes.slice();
				return;
			}
			this.#header = parsed.header;
			this.#onHeader(parsed.header);
			bytes = bytes.subarray(parsed.recordsAt);
		}
		const count = Math.floor(bytes.length / RECORD_BYTES);
		if (count > 0) this.#deliver(bytes.subarray(0, count * RECORD_BYTES), count);
		this.#pending = bytes.slice(count * RECORD_BYTES);
	}

	/** @throws RecordingError when the recording ended inside its header */
	end(): DecodeResult {
		if (this.#header === undefined) {
			const code = this.#pending.length === 0 ? 'INGERO_RECORDING_NOT_A_RECORDING' : 'INGERO_RECORDING_CUT_HEADER';
			const what = this.#pending.length === 0 ? 'the file is empty' : 'the recording ends inside its header';
			throw new RecordingError(code, what);
		}
		return { records: this.#records, cutBytes: this.#pending.length };
	}

	#deliver(bytes: Uint8Array, count: number): void {
		const words = count * RECORD_WORDS;
		if (this.#aligned.length < words) this.#aligned = new Uint32Array(words);
		new Uint8Array(this.#aligned.buffer, 0, bytes.length).set(bytes);
		this.#records += count;
		this.#sink(this.#aligned.subarray(0, words), count);
	}
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
	const joined = new Uint8Array(a.length + b.length);
	joined.set(a);
	joined.set(b, a.length);
	return joined;
}
