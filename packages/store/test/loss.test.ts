import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoreCounters, StoreError } from '../src';
import { events, openStore, outlier, rawRows, rowCount, step, steps, tempFile } from './support';

function expectBalance(counters: StoreCounters): void {
	for (const { appended, written, queued, queueFull, writeError } of Object.values(counters)) {
		expect(written + queued + queueFull + writeError).toBe(appended);
	}
}

test('what does not fit the queue is counted to the row, and steps and events do not crowd each other', async () => {
	const path = tempFile();
	const store = await openStore(path, { maxQueuedSteps: 100, maxQueuedEvents: 1000 });

	expect(store.appendSteps(steps(70))).toBe(1);
	expect(store.appendSteps(steps(70))).toBe(71);
	store.appendEvents(events(999));
	store.appendEvents(events(5001));
	store.appendOutliers([outlier({ stepId: 100 })]);
	expectBalance(store.counters());
	await store.flush();

	expect(store.appendSteps([step()])).toBe(141);
	await store.close();

	expect(store.counters()).toEqual({
		steps: { appended: 141, written: 101, queued: 0, queueFull: 40, writeError: 0 },
		outliers: { appended: 1, written: 1, queued: 0, queueFull: 0, writeError: 0 },
		shifts: { appended: 0, written: 0, queued: 0, queueFull: 0, writeError: 0 },
		events: { appended: 6000, written: 1000, queued: 0, queueFull: 5000, writeError: 0 },
	});
	expect(rawRows(path, 'SELECT count(*), min(step_id), max(step_id) FROM steps')).toEqual([[101n, 1n, 141n]]);
	expect(rawRows(path, 'SELECT max(step_id) FROM steps WHERE step_id < 141')).toEqual([[100n]]);
	expect(rawRows(path, 'SELECT item, fate, count FROM losses WHERE count > 0 ORDER BY item, fate')).toEqual([
		['events', 'delivered', 1000n],
		['events', 'store_queue_full', 5000n],
		['outliers', 'delivered', 1n],
		['steps', 'delivered', 101n],
		['steps', 'store_queue_full', 40n],
	]);
});

test('at every moment each row appended is written, queued or lost', async () => {
	const amount = fc.nat(300);
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.record({ steps: amount, events: amount, wait: fc.constantFrom('no', 'tick', 'flush') }), {
				maxLength: 20,
			}),
			fc.integer({ min: 1, max: 500 }),
			async (rounds, room) => {
				const path = tempFile();
				const store = await openStore(path, {
					batchRows: 64,
					maxQueuedSteps: room,
					maxQueuedEvents: room,
				});
				for (const round of rounds) {
					store.appendSteps(steps(round.steps));
					store.appendEvents(events(round.events));
					expectBalance(store.counters());
					if (round.wait === 'tick') {
						await new Promise(setImmediate);
					} else if (round.wait === 'flush') {
						await store.flush();
						expect(store.counters().steps.queued).toBe(0);
					}
				}
				await store.close();
				expectBalance(store.counters());
				expect(rowCount(path, 'steps')).toBe(store.counters().steps.written);
				expect(rowCount(path, 'events')).toBe(store.counters().events.written);
			},
		),
		{ numRuns: 10 },
	);
});

test('a row that the schema refuses is left out alone', async () => {
	const path = tempFile();
	const errors: StoreError[] = [];
	const store = await openStore(path, { onError: (error) => errors.push(error) });
	store.appendSteps([step(), step({ stepDurationNs: Number.NaN }), step()]);
	store.appendOutliers([outlier(), outlier(), outlier({ eventId: 'another' })]);
	await store.close();

	expect(rawRows(path, 'SELECT step_id FROM steps')).toEqual([[1n], [3n]]);
	expect(rowCount(path, 'outliers')).toBe(2);
	expect(store.counters().steps).toMatchObject({ written: 2, writeError: 1 });
	expect(store.counters().outliers).toMatchObject({ written: 2, writeError: 1 });
	expect(errors).toHaveLength(1);
	expect(errors[0]).toMatchObject({ code: 'INGERO_STORE_ROW_REFUSED' });
});

test('the losses of other hops are kept beside our own, the newest count of each', async () => {
	const path = tempFile();
	const store = await openStore(path);
	store.recordLosses('pipeline', 'events', { delivered: 5, sampledOut: 90, dropped: { ring_full: 1 } });
	await store.flush();
	store.recordLosses('pipeline', 'events', { delivered: 6, sampledOut: 99, dropped: { ring_full: 1, late: 2 } });
	store.recordLosses('pipeline', 'ledgers', { delivered: 3, dropped: {} });
	await store.close();

	expect(rawRows(path, "SELECT item, fate, count FROM losses WHERE hop = 'pipeline' ORDER BY item, fate")).toEqual([
		['events', 'delivered', 6n],
		['events', 'late', 2n],
		['events', 'ring_full', 1n],
		['events', 'sampled_out', 99n],
		['ledgers', 'delivered', 3n],
	]);
	expect(rawRows(path, "SELECT sum(count) FROM losses WHERE hop = 'pipeline' AND item = 'events'")).toEqual([[108n]]);
});

test('misuse throws at once and names the argument and the value', async () => {
	const path = tempFile();
	const store = await openStore(path);
	expect(() => store.appendEvents(new Uint8Array(47))).toThrow(/whole records of 48 bytes, got 47 bytes/);
	expect(store.counters().events.appended).toBe(0);

	await expect(openStore('')).rejects.toThrow(/path must be a non-empty string, got /);
	await expect(openStore(path, { batchRows: 0 })).rejects.toThrow(/batchRows must be .*, got 0/);
	await expect(openStore(path, { maxQueuedEvents: 1.5 })).rejects.toThrow(/maxQueuedEvents must be .*, got 1.5/);
	await expect(openStore(path, { busyTimeoutMs: Number.NaN })).rejects.toThrow(/busyTimeoutMs must be .*, got NaN/);
	await expect(openStore(path, { operations: { 1: { name: 'x', args: ['a', 'b', 'c', 'd'] } } })).rejects.toThrow(
		/operations must map .*, got 1: /,
	);
});
