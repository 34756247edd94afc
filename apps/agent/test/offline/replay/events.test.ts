import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { event } from '@ingero/contract/messages';
import { beforeAll, expect, test } from 'vitest';
import { violations } from '../../helpers/contract-check';
import { ofType, parseLines, tally, total } from '../../helpers/messages';
import { bytesOf, firstRecords, putTogether, takeApart } from '../../helpers/recordings';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const taken = firstRecords(takeApart(bytesOf('h100-vllm-a')), 60_000);
const path = join(folder, 'part.igr');
beforeAll(() => writeFileSync(path, putTogether(taken)));

test('the lines of events are the records of the file, in its order', async () => {
	const messages = parseLines(await replay(path, '--emit', 'events'));
	const events = ofType(messages, 'event');
	expect(messages.length).toBe(events.length + 1);
	expect(events.length * 12).toBe(taken.records.length);
	expect(events.flatMap((message) => violations(message, event))).toEqual([]);
	const longs = new BigUint64Array(taken.records.buffer);
	const wrong = events.filter(({ ts_ns, duration_ns, pid, tid, op, args }, i) => {
		const [duration = 0, recordedPid = 0, recordedTid = 0, code = 0] = taken.records.subarray(i * 12 + 2, i * 12 + 6);
		return !(
			ts_ns === longs[i * 6] &&
			duration_ns === BigInt(duration) &&
			pid === BigInt(recordedPid) &&
			tid === BigInt(recordedTid) &&
			op === taken.header.operations.get(code)?.name &&
			String(args) === [3, 4, 5].map((k) => longs[i * 6 + k]).join()
		);
	});
	expect(wrong.slice(0, 3)).toEqual([]);
});

test('--emit chooses the lines, and changes none', async () => {
	const everything = await replay(path, '--emit', 'events,steps,outliers');
	const types: Record<string, string[]> = {
		events: ['event'],
		steps: ['inference_step'],
		outliers: ['inference_outlier'],
		'outliers,steps': ['inference_outlier', 'inference_step'],
		'steps, outliers': ['inference_outlier', 'inference_step'],
	};
	for (const [kinds, expected] of Object.entries(types)) {
		const chosen = everything
			.split('\n')
			.filter((line) => [...expected, 'summary'].some((type) => line.startsWith(`{"type":"${type}"`)));
		expect((await replay(path, '--emit', kinds)).trimEnd().split('\n')).toEqual(chosen);
	}
	expect(await replay(path)).toBe(await replay(path, '--emit', 'outliers'));
});

test('a workload that is no inference has events and no steps', async () => {
	const args = ['--emit', 'events,steps,outliers', '--fleet-workload-type', 'training'];
	const messages = parseLines(await replay(path, ...args));
	expect(ofType(messages, 'event').length * 12).toBe(taken.records.length);
	expect(messages.length).toBe(ofType(messages, 'event').length + 1);
	expect(total(messages.at(-1)?.steps)).toBe(0n);
});

test('operations that the header does not name are counted and skipped', async () => {
	const operations = new Map([...taken.header.operations].filter(([, { name }]) => name !== 'cuLaunchKernel'));
	const nameless = join(folder, 'nameless.igr');
	writeFileSync(nameless, putTogether({ ...taken, header: { ...taken.header, operations } }));
	const messages = parseLines(await replay(nameless, '--emit', 'events'));
	const summary = messages.at(-1);
	const events = tally(summary?.events);
	const unknown = ofType(messages, 'event').filter(({ op }) => String(op).startsWith('unknown('));
	expect(unknown.length).toBeGreaterThan(1000);
	expect(summary?.events).toMatchObject({ dropped: { unknown_operation: BigInt(unknown.length) } });
	expect(events.produced).toBe(events.delivered + events.sampledOut + events.dropped);
});
