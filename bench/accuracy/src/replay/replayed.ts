import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RecordingDecoder } from '@ingero/recording';
import { type CompletedLedger, EventPipeline, OperationTable, SourceClock } from '@ingero/steps';

const CHUNK_BYTES = 1 << 20;
const GZIP_MAGIC = 0x1f8b;

/** What happened in a recording, in order: a step completed, or a process ended. */
export type Happening =
	| { readonly ledger: CompletedLedger; readonly exitedPid?: undefined }
	| { readonly exitedPid: number; readonly ledger?: undefined };

/** A recording as steps, before anybody judges them. */
export interface Replayed {
	readonly clock: SourceClock;
	readonly happenings: readonly Happening[];
}

/** @throws RecordingError when the file is no recording of a version we know */
export function replay(path: string): Replayed {
	const happenings: Happening[] = [];
	let clock: SourceClock | undefined;
	let pipeline: EventPipeline | undefined;
	const decoder = new RecordingDecoder({
		onHeader: () => {},
		onRecords: (words, count) => {
			clock ??= new SourceClock(((BigInt(words[1] as number) << 32n) | BigInt(words[0] as number)) - 1n);
			pipeline ??= new EventPipeline({
				table: new OperationTable(decoder.header?.operations ?? new Map()),
				clock,
				onCompleted: (ledger) => happenings.push({ ledger }),
				onProcessExited: (exitedPid) => happenings.push({ exitedPid }),
			});
			pipeline.push(words, count);
		},
	});
	const bytes = contentOf(path);
	// As the agent reads it: the reorder window sees the same batches.
	for (let at = 0; at < bytes.length; at += CHUNK_BYTES) decoder.push(bytes.subarray(at, at + CHUNK_BYTES));
	decoder.end();
	pipeline?.end();
	return { clock: clock ?? new SourceClock(0n), happenings };
}

function contentOf(path: string): Uint8Array {
	const file = readFileSync(path);
	return file.length > 2 && file.readUInt16BE() === GZIP_MAGIC ? gunzipSync(file) : file;
}
