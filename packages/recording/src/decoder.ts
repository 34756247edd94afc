import { RecordingError } from './errors';
import { parseHeader, RECORD_BYTES, RECORD_WORDS, type RecordingHeader } from './header';

/**
 * Receives whole records, {@link RECORD_WORDS} little-endian words each. The words are valid until the next chunk is
 * pushed.
 */
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
	/** Bytes of the header that have come so far. */
	#headerBytes: Uint8Array = new Uint8Array(0);
	/** The first bytes of a record whose end is in the next chunk. */
	readonly #carried: Uint8Array = new Uint8Array(RECORD_BYTES);
	#carriedBytes = 0;
	#words: Uint32Array = new Uint32Array(0);
	#records = 0;
	readonly #sink: RecordSink;
	readonly #onHeader: (header: RecordingHeader) => void;

	/**
	 * @param options.onHeader called once, before any record
	 * @param options.onRecords called at most once a chunk, and not for a chunk that completes no record
	 */
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
		if (this.#header !== undefined) {
			this.#pushRecords(chunk);
			return;
		}
		const bytes = concatenate(this.#headerBytes, chunk);
		const parsed = parseHeader(bytes);
		if (parsed === undefined) {
			this.#headerBytes = bytes;
			return;
		}
		this.#header = parsed.header;
		this.#onHeader(parsed.header);
		this.#pushRecords(bytes.subarray(parsed.recordsAt));
	}

	/** @throws RecordingError when the recording ended inside its header */
	end(): DecodeResult {
		if (this.#header === undefined) {
			throw this.#headerBytes.length === 0
				? new RecordingError('INGERO_RECORDING_NOT_A_RECORDING', 'the file is empty')
				: new RecordingError('INGERO_RECORDING_CUT_HEADER', 'the recording ends inside its header');
		}
		return { records: this.#records, cutBytes: this.#carriedBytes };
	}

	#pushRecords(chunk: Uint8Array): void {
		const count = Math.floor((this.#carriedBytes + chunk.length) / RECORD_BYTES);
		const used = Math.max(0, count * RECORD_BYTES - this.#carriedBytes);
		if (count > 0) {
			if (this.#words.length < count * RECORD_WORDS) this.#words = new Uint32Array(count * RECORD_WORDS);
			const bytes = new Uint8Array(this.#words.buffer);
			bytes.set(this.#carried.subarray(0, this.#carriedBytes));
			bytes.set(chunk.subarray(0, used), this.#carriedBytes);
			this.#carriedBytes = 0;
		}
		this.#carried.set(chunk.subarray(used), this.#carriedBytes);
		this.#carriedBytes += chunk.length - used;
		if (count === 0) return;
		this.#records += count;
		this.#sink(this.#words.subarray(0, count * RECORD_WORDS), count);
	}
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
	const joined = new Uint8Array(a.length + b.length);
	joined.set(a);
	joined.set(b, a.length);
	return joined;
}
