import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordings } from '@ingero/fixture-recordings';
import { RECORD_WORDS, RecordingDecoder, type RecordingHeader } from '@ingero/recording';
import type { AllocationKind, AllocationLineage } from '../src/index';

const LOW_WORD = 2 ** 32;
/** Word of the first argument in a record. */
const ARG0 = 6;

/** The functions that end a kind. */
const ENDS: Readonly<Record<AllocationKind, string>> = {
	device: 'cuMemFree_v2',
	managed: 'cuMemFree_v2',
	async: 'cuMemFreeAsync',
	mapped: 'cuMemUnmap',
};

export interface Replay {
	readonly header: RecordingHeader;
	/** The kinds whose end the recording shows. */
	readonly seesEndsOf: readonly AllocationKind[];
	/** Times are ns since the first record. */
	readonly lastNs: number;
	/** Feeds the allocations up to a time. */
	feed(lineage: AllocationLineage, untilNs?: number): void;
}

interface Call {
	readonly name: string;
	readonly pid: number;
	readonly tNs: number;
	/** An argument by the name the recording gives it. */
	readonly value: (argument: string) => number;
}

/** The memory calls of a recording. */
export function openRecording(name: string): Replay {
	const calls: Call[] = [];
	let firstNs: number | undefined;
	let lastNs = 0;
	const decoder = new RecordingDecoder({
		onHeader: () => {},
		onRecords: (words, count) => {
			for (let at = 0; at < count * RECORD_WORDS; at += RECORD_WORDS) {
				const record = words.slice(at, at + RECORD_WORDS);
				const number = (word: number) => (record[word + 1] as number) * LOW_WORD + (record[word] as number);
				const operation = decoder.header?.operations.get(record[5] as number);
				firstNs ??= number(0);
				lastNs = number(0) - firstNs;
				if (!/^cuMem(Alloc|Free|Create|Map|Unmap)/.test(operation?.name ?? '')) continue;
				const { name: called, args } = operation as { name: string; args: readonly string[] };
				const value = (argument: string) => number(ARG0 + 2 * args.indexOf(argument));
				calls.push({ name: called, pid: record[3] as number, tNs: lastNs, value });
			}
		},
	});
	decoder.push(gunzipSync(readFileSync((recordings[name] as { igr: string }).igr)));
	decoder.end();
	const header = decoder.header as RecordingHeader;
	const names = new Set([...header.operations.values()].map((operation) => operation.name));
	return {
		header,
		lastNs,
		seesEndsOf: (Object.keys(ENDS) as AllocationKind[]).filter((kind) => names.has(ENDS[kind])),
		feed: (lineage, untilNs = lastNs) => {
			for (const call of calls) if (call.tNs <= untilNs) feedCall(lineage, call);
		},
	};
}

function feedCall(lineage: AllocationLineage, { name, pid, tNs, value }: Call): void {
	switch (name) {
		case 'cuMemAlloc_v2':
			lineage.allocated({
				pid,
				kind: 'device',
				pointer: value('device_pointer'),
				bytes: value('bytes'),
				tNs,
				result: value('return_code'),
			});
			break;
		case 'cuMemFree_v2':
			lineage.freed({ pid, pointer: value('device_pointer'), tNs });
			break;
		case 'cuMemCreate':
			lineage.created({ pid, bytes: value('bytes'), tNs });
			break;
		case 'cuMemMap':
			lineage.allocated({ pid, kind: 'mapped', pointer: value('pointer'), bytes: value('bytes'), tNs });
			break;
	}
}
