import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { RECORD_WORDS, RecordingDecoder, RecordingError, type RecordingHeader } from '@ingero/recording';
import {
	EventPipeline,
	type LedgerConsumer,
	type LedgerSource,
	type LossLedger,
	OperationTable,
	SourceClock,
} from '@ingero/steps';
import { UsageError } from '../errors';
import { ProcessSelection } from './process-selection';

const CHUNK_BYTES = 1 << 20;
/** Records between two looks at the clock, when a speed is asked for. */
const PACED_RECORDS = 512;
const PACE_SLACK_MS = 5;
/** Word of the process in a record. */
const PID = 3;

/** A recording as a source of ledgers: the same pipeline as live events, at any speed, on any system. */
export class ReplaySource implements LedgerSource {
	readonly #path: string;
	readonly #speed: number;
	readonly #pids: ReadonlySet<number> | undefined;
	readonly #warn: (text: string) => void;
	readonly #drained: () => Promise<unknown>;
	/** Present when not all processes are asked for. Of the others nothing is reported, but causes may lie with them. */
	#selection: ProcessSelection | undefined;
	#stopping = false;
	#pipeline: EventPipeline | undefined;
	#recordedLosses = 0;
	#completed = 0;

	/**
	 * @param options.speed relative to the recording; Infinity is as fast as it goes
	 * @param options.drained waits until the outputs can take more
	 */
	constructor(options: {
		readonly path: string;
		readonly speed: number;
		readonly pids: readonly number[] | undefined;
		readonly warn: (text: string) => void;
		readonly drained: () => Promise<unknown>;
	}) {
		this.#path = options.path;
		this.#speed = options.speed;
		this.#pids = options.pids === undefined ? undefined : new Set(options.pids);
		this.#warn = options.warn;
		this.#drained = options.drained;
	}

	/**
	 * The header, before anything is replayed.
	 *
	 * @throws UsageError when the file cannot be read or is no recording of a version we know
	 */
	async header(): Promise<RecordingHeader> {
		let header: RecordingHeader | undefined;
		const decoder = new RecordingDecoder({
			onHeader: (parsed) => {
				header = parsed;
			},
			onRecords: () => {},
		});
		try {
			for await (const chunk of await openRecording(this.#path)) {
				decoder.push(chunk as Uint8Array);
				if (header !== undefined) return header;
			}
			decoder.end();
		} catch (error) {
			throw named(this.#path, error);
		}
		throw new UsageError(`${this.#path}: no header in it`);
	}

	async run(consumer: LedgerConsumer): Promise<void> {
		const batches: { words: Uint32Array; count: number }[] = [];
		let header: RecordingHeader | undefined;
		const decoder = new RecordingDecoder({
			onHeader: (parsed) => {
				header = parsed;
				this.#recordedLosses = parsed.dropped;
				if (this.#pids !== undefined) this.#selection = new ProcessSelection(this.#pids, parsed);
				if (parsed.dropped > 0) this.#warn(`${this.#path}: ${parsed.dropped} events were lost while it was recorded`);
			},
			onRecords: (words, count) => batches.push({ words, count }),
		});
		const input = await openRecording(this.#path);
		const startedMs = performance.now();
		try {
			for await (const chunk of input) {
				decoder.push(chunk as Uint8Array);
				for (const { words, count } of batches.splice(0)) {
					await this.#feed(words, count, consumer, header as RecordingHeader, startedMs);
				}
				if (this.#stopping) return;
				await this.#drained();
			}
			this.#end(decoder, consumer, header);
		} catch (error) {
			if (!isGzipError(error) || header === undefined) throw named(this.#path, error);
			this.#warn(`${this.#path} is ${isCut(error) ? 'cut off' : 'damaged'}: replayed up to there`);
			this.#pipeline?.end();
		}
		this.#reportAbsent();
	}

	stop(): void {
		this.#stopping = true;
	}

	losses(): LossLedger {
		const { events = 0, unknownOperations = 0 } = this.#selection?.counters ?? this.#pipeline?.counters ?? {};
		return {
			produced: events + this.#recordedLosses,
			delivered: events - unknownOperations,
			sampledOut: 0,
			dropped: { unknown_operation: unknownOperations, ring_full: this.#recordedLosses },
			ledgers: { delivered: this.#completed, dropped: {} },
		};
	}

	async #feed(
		words: Uint32Array,
		count: number,
		consumer: LedgerConsumer,
		header: RecordingHeader,
		startedMs: number,
	): Promise<void> {
		this.#pipeline ??= this.#openPipeline(words, header, consumer);
		if (this.#speed === Number.POSITIVE_INFINITY) {
			this.#push(words, count, consumer);
			return;
		}
		for (let from = 0; from < count && !this.#stopping; from += PACED_RECORDS) {
			const part = words.slice(from * RECORD_WORDS, Math.min(count, from + PACED_RECORDS) * RECORD_WORDS);
			await this.#waitFor(part, startedMs);
			this.#push(part, part.length / RECORD_WORDS, consumer);
		}
	}

	#push(words: Uint32Array, count: number, consumer: LedgerConsumer): void {
		this.#pipeline?.push(words, count);
		const kept = this.#selection?.take(words, count) ?? words;
		const keptCount = this.#selection === undefined ? count : kept.length / RECORD_WORDS;
		if (keptCount > 0) consumer.events?.(kept, keptCount);
	}

	#firstTimeMs: number | undefined;

	/** Sleeps until the last record of `part` is due. */
	async #waitFor(part: Uint32Array, startedMs: number): Promise<void> {
		const at = part.length - RECORD_WORDS;
		const timeMs = ((part[at + 1] as number) * 4_294_967_296 + (part[at] as number)) / 1e6;
		this.#firstTimeMs ??= timeMs;
		const aheadMs = (timeMs - this.#firstTimeMs) / this.#speed - (performance.now() - startedMs);
		if (aheadMs > PACE_SLACK_MS) await sleep(aheadMs);
	}

	#reportAbsent(): void {
		const { absent } = this.#selection ?? {};
		if (absent === undefined || absent.size === 0 || this.#stopping) return;
		this.#warn(`--pid ${[...absent].join(',')}: no such process in ${this.#path}`);
	}

	#end(decoder: RecordingDecoder, consumer: LedgerConsumer, header: RecordingHeader | undefined): void {
		if (decoder.end().cutBytes > 0) {
			this.#warn(`${this.#path} is cut off in the middle of a record: replayed up to the last whole one`);
		}
		if (this.#pipeline === undefined && header !== undefined) {
			this.#pipeline = this.#openPipeline(new Uint32Array(RECORD_WORDS), header, consumer);
		}
		this.#pipeline?.end();
	}

	/** On the first record's time, a nanosecond earlier so that no event is at 0. */
	#openPipeline(words: Uint32Array, header: RecordingHeader, consumer: LedgerConsumer): EventPipeline {
		const firstNs = (BigInt(words[1] as number) << 32n) | BigInt(words[0] as number);
		const clock = new SourceClock(firstNs > 0n ? firstNs - 1n : 0n, header.wallOffsetNs);
		const reports = (pid: number) => this.#selection === undefined || this.#selection.has(pid);
		consumer.opened({ clock, operations: header.operations });
		return new EventPipeline({
			table: new OperationTable(header.operations),
			clock,
			onCompleted: (ledger) => {
				if (!reports(ledger.pid)) return;
				this.#completed += 1;
				consumer.completed(ledger);
			},
			onProcessExited: (pid) => {
				if (reports(pid)) consumer.processExited(pid);
			},
			onMemoryCall:
				consumer.memoryCall === undefined
					? undefined
					: (words, at, tNs) => {
							if (reports(words[at + PID] as number)) consumer.memoryCall?.(words, at, tNs);
						},
			onHandleCall:
				consumer.handleCall === undefined
					? undefined
					: (words, at, tNs) => {
							if (reports(words[at + PID] as number)) consumer.handleCall?.(words, at, tNs);
						},
		});
	}
}

async function openRecording(path: string): Promise<NodeJS.ReadableStream> {
	let magic: Buffer;
	try {
		const file = await open(path);
		magic = (await file.read(Buffer.alloc(2), 0, 2, 0)).buffer;
		await file.close();
	} catch (error) {
		throw new UsageError(`cannot read the recording ${path}: ${(error as Error).message}`);
	}
	const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
	const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
	return isGzip ? stream.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : stream;
}

function isGzipError(error: unknown): boolean {
	return isCut(error) || (error as NodeJS.ErrnoException | undefined)?.code === 'Z_DATA_ERROR';
}

/** The compressed data stops before its end. */
function isCut(error: unknown): boolean {
	return (error as NodeJS.ErrnoException | undefined)?.code === 'Z_BUF_ERROR';
}

/** Puts the file's name before what is wrong with it. */
function named(path: string, error: unknown): unknown {
	if (error instanceof RecordingError) return new UsageError(`${path}: ${error.message}`);
	if (isGzipError(error)) return new UsageError(`${path}: damaged gzip file: ${(error as Error).message}`);
	return error;
}
