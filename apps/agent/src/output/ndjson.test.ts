import { PassThrough, Writable } from 'node:stream';
import type { SummaryMessage } from '@ingero/contract/messages';
import { type OperationDescription, SourceClock } from '@ingero/steps';
import { describe, expect, test } from 'vitest';
import { NdjsonOutput } from './ndjson';

const SUMMARY = { type: 'summary' } as unknown as SummaryMessage;
const OPERATIONS = new Map<number, OperationDescription>([[2, { name: 'cuLaunchKernel', args: ['a', 'b', 'c'] }]]);
const BATCH = 1000;

function output(stream: Writable): NdjsonOutput {
	const ndjson = new NdjsonOutput({ stream, emit: ['events'], nodeId: 'node', clusterId: '' });
	ndjson.opened({ clock: new SourceClock(0n, undefined), operations: OPERATIONS });
	return ndjson;
}

function events(): Uint32Array {
	const words = new Uint32Array(BATCH * 12);
	for (let at = 0; at < words.length; at += 12) words.set([0, 0, 1, 100, 100, 2], at);
	return words;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('standard output', () => {
	test('whose reader keeps up loses nothing', async () => {
		const stream = new PassThrough();
		let lines = 0;
		stream.on('data', (text: Buffer) => {
			lines += text.toString().split('\n').length - 1;
		});
		const ndjson = output(stream);
		for (let batch = 0; batch < 100; batch++) {
			ndjson.events(events(), BATCH);
			await turn();
		}
		await ndjson.close(SUMMARY);
		expect(lines).toBe(100 * BATCH + 1);
		expect(ndjson.losses()).toEqual({ output_queue_full: 0 });
	});

	test('whose reader has stopped costs a bounded amount of memory, and says how many lines were lost', async () => {
		// Takes the first write and never says that it is done with it.
		const stuck = new Writable({ write: () => {}, highWaterMark: 1 });
		const ndjson = output(stuck);
		const batches = 400;
		for (let batch = 0; batch < batches; batch++) {
			ndjson.events(events(), BATCH);
			await turn();
		}
		expect(stuck.writableLength).toBeLessThan(20 << 20);
		const { output_queue_full: lost } = ndjson.losses();
		expect(lost).toBeGreaterThan(0);
		expect(lost).toBeLessThan(batches * BATCH);
		await expect(ndjson.close(SUMMARY)).rejects.toThrow('nobody reads standard output');
	});
});
