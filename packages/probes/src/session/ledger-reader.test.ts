import { type CompletedLedger, SourceClock } from '@ingero/steps';
import { describe, expect, it } from 'vitest';
import { LedgerRecords } from '../../test/helpers/ledger-records';
import { OP_PROCESS_EXIT } from '../decode/layout';
import { probedOperations } from '../functions';
import { LedgerReader } from './ledger-reader';

const operations = probedOperations();
const codeOf = (wanted: string) => [...operations].find(([, { name }]) => name === wanted)?.[0] as number;
const READ_BACK = codeOf('cuMemcpyDtoHAsync_v2');
const WAIT = codeOf('cuStreamSynchronize');
const STREAM = 0x7f3a_5c00_1e80;
const THREAD = { pid: 42, tid: 43 };
const BASE_NS = 5_000_000_000;

function makeReader() {
	const steps: CompletedLedger[] = [];
	const ended: number[] = [];
	const exits: number[] = [];
	const reader = new LedgerReader({
		clock: new SourceClock(BigInt(BASE_NS)),
		operations,
		windowNs: 1000,
		consumer: { completed: (ledger) => steps.push(ledger), processExited: (pid) => ended.push(pid) },
		wasWatched: (tid) => tid === THREAD.tid,
		onExit: (words, at) => exits.push(words[at + 3] as number),
	});
	return { reader, steps, ended, exits };
}

/** A launch, its read-back and the wait for it; times as if the thread had run all along. */
function writeStep(records: LedgerRecords, atNs: number, launches: number, waitedNs: number): void {
	const began = { tNs: BASE_NS + atNs, ...THREAD };
	const times = [0, 0, 0, 0, 0, 0, waitedNs, 0, 0, 0, 0, 0, 0, 0, 0];
	const ledger = [began.tNs, launches, 0, 64, 0, 4, 0, 0, 1];
	records.ledgerPart({ ...began, tNs: began.tNs + 200 }, STREAM, ledger, [0, 0, 1], 7);
	records.edgeWithTimes({ ...began, tNs: began.tNs + 200 }, READ_BACK, [0x7f00, STREAM, 4], times);
	records.edgeWithTimes({ ...began, tNs: began.tNs + 500, durationNs: 250 }, WAIT, [STREAM], times);
}

describe('LedgerReader', () => {
	it('makes steps of ledger parts, read-backs and waits, with the evidence in their times', () => {
		const { reader, steps } = makeReader();
		const records = new LedgerRecords(1024);
		writeStep(records, 1000, 3, 250);
		writeStep(records, 2000, 5, 500);
		reader.read(records.words, records.words.length);
		reader.end();
		expect(steps).toMatchObject([
			{
				...THREAD,
				firstWorkNs: 1000,
				enqueuedNs: 1200,
				completedNs: 1500,
				launches: 3,
				gridBlocks: 64,
				lastFunction: 7,
			},
			{ ...THREAD, firstWorkNs: 2000, enqueuedNs: 2200, completedNs: 2500, launches: 5, launchesUnseen: false },
		]);
		expect(steps.map(({ streamHandle, deviceToHostBytes }) => [streamHandle, deviceToHostBytes])).toEqual([
			[BigInt(STREAM), 4],
			[BigInt(STREAM), 4],
		]);
		expect([...(steps[1]?.functionSketch ?? [])]).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
		expect(steps[0]?.evidence).toBeUndefined();
		// From its read-back on, the thread of the second step waited for the GPU.
		expect(steps[1]?.evidence).toMatchObject({ spanNs: 1000, waitNs: 550, runningNs: 450 });
	});

	it('gives the same in whatever order the records come within the window', () => {
		const records = new LedgerRecords(1024);
		writeStep(records, 1000, 3, 250);
		writeStep(records, 2000, 5, 500);
		const whole = makeReader();
		whole.reader.read(records.words, records.words.length);
		whole.reader.end();
		const first = new LedgerRecords(512);
		writeStep(first, 1000, 3, 250);
		const second = new LedgerRecords(512);
		writeStep(second, 2000, 5, 500);
		const swapped = makeReader();
		for (const { words } of [second, first]) swapped.reader.read(words, words.length);
		swapped.reader.end();
		expect(swapped.steps).toEqual(whole.steps);
		expect(swapped.reader.late).toBe(0);
	});

	it('tells the end of a process at once to one, and in its place among the steps to the other', () => {
		const { reader, steps, ended, exits } = makeReader();
		const records = new LedgerRecords(1024);
		records.edge({ tNs: BASE_NS + 3000, pid: THREAD.pid, tid: THREAD.pid }, OP_PROCESS_EXIT, []);
		writeStep(records, 2000, 5, 250);
		reader.read(records.words, records.words.length);
		expect([exits, ended]).toEqual([[THREAD.pid], []]);
		reader.advance(3500);
		expect([steps.length, ended]).toEqual([0, []]);
		reader.advance(4000);
		expect([steps.length, ended]).toEqual([1, [THREAD.pid]]);
	});

	it('uses a record that comes too late, and counts it', () => {
		const { reader, steps } = makeReader();
		const records = new LedgerRecords(512);
		records.edge({ tNs: BASE_NS + 9000, pid: 1, tid: 1 }, WAIT, [STREAM]);
		reader.read(records.words, records.words.length);
		reader.advance(20_000);
		records.clear();
		writeStep(records, 1000, 3, 250);
		reader.read(records.words, records.words.length);
		reader.end();
		expect([reader.late, steps.length]).toEqual([3, 1]);
	});
});
