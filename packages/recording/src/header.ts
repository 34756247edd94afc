import { RecordingError } from './errors';

/** The first eight bytes of every recording. */
export const RECORDING_MAGIC = 'INGEROR1';
/** The newest format version this package reads, and the one it writes. */
export const RECORDING_VERSION = 1;
/** Bytes in one record; twelve little-endian 32-bit words. */
export const RECORD_BYTES = 48;
/** 32-bit words in one record. */
export const RECORD_WORDS: number = RECORD_BYTES / 4;

/** A header longer than this is taken for damage, so that a wrong length cannot ask for gigabytes. */
const MAX_HEADER_BYTES = 1 << 20;
const PREFIX_BYTES = RECORDING_MAGIC.length + 4;
/** `ts_ns` is when a call that was timed returned, else when it was entered. */
const TIMESTAMP = 'when the call returned for ops with a duration, else when it was entered';
const FIELDS = ['ts_ns:u64', 'duration_ns:u32', 'pid:u32', 'tid:u32', 'op:u32', 'arg0:u64', 'arg1:u64', 'arg2:u64'];

/** What one operation code of a recording means. */
export interface RecordedOperation {
	/** Function or tracepoint, e.g. `cuLaunchKernel`. */
	readonly name: string;
	/** Meaning of arg0, arg1 and arg2; `-` where unused. */
	readonly args: readonly string[];
}

/** The header of a recording, as far as a reader needs it. */
export interface RecordingHeader {
	readonly version: number;
	/** Clock of `ts_ns`, e.g. `CLOCK_MONOTONIC`. */
	readonly clock: string;
	/** Wall clock minus the recording's clock in ns; without it no wall time is known. */
	readonly wallOffsetNs: bigint | undefined;
	readonly gpu: string;
	readonly driver: string;
	readonly kernel: string;
	readonly arch: string;
	readonly workload: string;
	/** Events that were lost while recording. */
	readonly dropped: number;
	/** Operation code → meaning. Readers use this table, never one of their own. */
	readonly operations: ReadonlyMap<number, RecordedOperation>;
}

/** Facts for a new recording; unknown ones are written as empty strings. */
export type RecordingFacts = Partial<Omit<RecordingHeader, 'version' | 'operations'>> &
	Pick<RecordingHeader, 'operations'>;

/**
 * Reads the header at the start of `bytes`.
 *
 * @returns the header and where the records begin, or `undefined` while `bytes` is too short to tell
 * @throws RecordingError when the bytes are no recording, damaged, or of a newer version
 */
export function parseHeader(bytes: Uint8Array): { header: RecordingHeader; recordsAt: number } | undefined {
	const seen = Math.min(bytes.length, RECORDING_MAGIC.length);
	if (new TextDecoder('latin1').decode(bytes.subarray(0, seen)) !== RECORDING_MAGIC.slice(0, seen)) {
		throw new RecordingError(
			'INGERO_RECORDING_NOT_A_RECORDING',
			`not an Ingero recording: it does not begin with ${RECORDING_MAGIC}`,
		);
	}
	if (bytes.length < PREFIX_BYTES) return undefined;
	const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(RECORDING_MAGIC.length, true);
	if (length > MAX_HEADER_BYTES) {
		throw new RecordingError('INGERO_RECORDING_BAD_HEADER', `damaged header: it claims to be ${length} bytes long`);
	}
	if (bytes.length < PREFIX_BYTES + length) return undefined;
	const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
	return { header: readHeader(text), recordsAt: PREFIX_BYTES + length };
}

function readHeader(text: string): RecordingHeader {
	let raw: Record<string, unknown>;
	try {
		raw = JSON.parse(text);
	} catch (error) {
		throw new RecordingError('INGERO_RECORDING_BAD_HEADER', `damaged header: ${(error as Error).message}`);
	}
	if (raw === null || typeof raw !== 'object' || !isCount(raw.version) || raw.version < 1) {
		throw new RecordingError('INGERO_RECORDING_BAD_HEADER', 'damaged header: no version in it');
	}
	if (raw.version > RECORDING_VERSION) {
		throw new RecordingError(
			'INGERO_RECORDING_NEWER_VERSION',
			`the recording is of version ${raw.version}, this program reads up to version ${RECORDING_VERSION}: update it`,
			raw.version,
		);
	}
	if (raw.record_size !== RECORD_BYTES) {
		throw new RecordingError(
			'INGERO_RECORDING_BAD_HEADER',
			`damaged header: record_size is ${String(raw.record_size)}, version ${raw.version} has ${RECORD_BYTES}`,
		);
	}
	return {
		version: raw.version,
		clock: asText(raw.clock),
		wallOffsetNs: asBigInt(raw.wall_offset_ns),
		gpu: asText(raw.gpu),
		driver: asText(raw.driver),
		kernel: asText(raw.kernel),
		arch: asText(raw.arch),
		workload: asText(raw.workload),
		dropped: isCount(raw.dropped) ? raw.dropped : 0,
		operations: readOperations(raw.ops),
	};
}

function readOperations(raw: unknown): Map<number, RecordedOperation> {
	const operations = new Map<number, RecordedOperation>();
	if (raw === null || typeof raw !== 'object') {
		throw new RecordingError('INGERO_RECORDING_BAD_HEADER', 'damaged header: no table of operations (ops) in it');
	}
	for (const [code, operation] of Object.entries(raw as Record<string, { name?: unknown; args?: unknown }>)) {
		if (!/^\d{1,10}$/.test(code)) continue;
		const args = Array.isArray(operation?.args) ? operation.args.map(asText) : [];
		operations.set(Number(code), { name: asText(operation?.name), args });
	}
	return operations;
}

/**
 * Writes a header. Its length does not depend on `dropped`, so that a writer can put the final count
 * over the first one when the recording ends.
 *
 * @throws TypeError when `dropped` is no count, or the facts are longer than a header may be (1 MiB)
 */
export function encodeHeader(facts: RecordingFacts): Uint8Array {
	const { dropped = 0 } = facts;
	if (!isCount(dropped)) throw new TypeError(`dropped: expected a whole number of 0 or more, received ${dropped}`);
	const ops = Object.fromEntries([...facts.operations].map(([code, { name, args }]) => [code, { name, args }]));
	const json = {
		format: 'ingero-recording',
		version: RECORDING_VERSION,
		record_size: RECORD_BYTES,
		fields: FIELDS,
		clock: facts.clock ?? 'CLOCK_MONOTONIC',
		timestamp: TIMESTAMP,
		...(facts.wallOffsetNs === undefined ? {} : { wall_offset_ns: facts.wallOffsetNs.toString() }),
		gpu: facts.gpu ?? '',
		driver: facts.driver ?? '',
		kernel: facts.kernel ?? '',
		arch: facts.arch ?? '',
		workload: facts.workload ?? '',
		ops,
		dropped,
	};
	const room = String(Number.MAX_SAFE_INTEGER).length - String(dropped).length;
	const text = new TextEncoder().encode(JSON.stringify(json) + ' '.repeat(room));
	if (text.length > MAX_HEADER_BYTES) {
		throw new TypeError(`facts: ${text.length} bytes as a header, at most ${MAX_HEADER_BYTES} can be read back`);
	}
	const bytes = new Uint8Array(PREFIX_BYTES + text.length);
	bytes.set(new TextEncoder().encode(RECORDING_MAGIC));
	new DataView(bytes.buffer).setUint32(RECORDING_MAGIC.length, text.length, true);
	bytes.set(text, PREFIX_BYTES);
	return bytes;
}

function asText(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** 19 digits hold every 64-bit time; more would be damage, and slow to parse. */
function asBigInt(value: unknown): bigint | undefined {
	return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
