import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT_RECORD_BYTES } from '../src';
import { openReadOnly } from '../src/read';
import { events, openStore, outlier, rawRows, rowCount, step, steps, tempFile } from './support';

test('closing writes everything that was queued, stamps the session and leaves one plain file', async () => {
	const path = tempFile();
	const store = await openStore(path, { batchRows: 1_000_000, batchIntervalMs: 3_600_000 });
	store.appendSteps(steps(12_345));
	store.appendEvents(events(54_321));
	store.appendOutliers([outlier()]);
	expect(rawRows(path, 'SELECT stopped_at FROM sessions')).toEqual([[0n]]);

	await store.close();

	expect(rowCount(path, 'steps')).toBe(12_345);
	expect(rowCount(path, 'events')).toBe(54_321);
	expect(rowCount(path, 'outliers')).toBe(1);
	const second = await openStore(path);
	await second.close();
	expect(existsSync(`${path}-wal`)).toBe(false);
	expect(rawRows(path, 'SELECT id, stopped_at >= started_at FROM sessions')).toEqual([
		[1n, 1n],
		[2n, 1n],
	]);
});

test('rows are written by themselves, within the interval', async () => {
	const path = tempFile();
	const store = await openStore(path, { batchIntervalMs: 1 });
	await using reader = openReadOnly(path);
	store.appendSteps([step()]);
	await expect.poll(() => reader.db.selectFrom('steps').selectAll().execute(), { timeout: 20_000 }).toHaveLength(1);
	expect(store.counters().steps).toMatchObject({ written: 1 });
});

test('a buffer may be reused as soon as its events are appended', async () => {
	const path = tempFile();
	const store = await openStore(path);
	const buffer = events(3);
	for (let round = 0; round < 4000; round++) {
		store.appendEvents(buffer.subarray(0, 2 * EVENT_RECORD_BYTES));
		if (round % 500 === 0) {
			await store.flush();
		}
	}
	buffer.fill(0xff);
	await store.close();
	expect(rawRows(path, 'SELECT ts_ns, count(*) FROM events GROUP BY ts_ns')).toEqual([
		[0n, 4000n],
		[1n, 4000n],
	]);
});

test('closing twice, and disposing, wait for the same end', async () => {
	const path = tempFile();
	await using store = await openStore(path);
	store.appendSteps([step()]);
	await Promise.all([store.close(), store.close()]);
	await store.close();
	expect(rowCount(path, 'steps')).toBe(1);
});

test('what comes after closing is counted, and harms nobody', async () => {
	const path = tempFile();
	const store = await openStore(path);
	const closed = store.close();
	store.appendSteps([step()]);
	await closed;
	expect(store.appendSteps(steps(2))).toBe(2);
	store.appendEvents(events(3));
	store.appendOutliers([outlier()]);
	store.recordLosses('pipeline', 'events', { delivered: 1, dropped: {} });
	await store.flush();
	expect(store.counters()).toMatchObject({
		steps: { appended: 3, written: 0, queued: 0, writeError: 3 },
		outliers: { writeError: 1 },
		events: { writeError: 3 },
	});
	expect(rowCount(path, 'steps')).toBe(0);
});
