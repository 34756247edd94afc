import { openSync, statSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { StoreError } from '../src';
import { events, openingError, openStore, steps, tempFile } from './support';

/** Garbage over every page but the first, behind the back of whoever has the file open. */
function damage(path: string): void {
	const other = new Database(path);
	other.exec("UPDATE sessions SET node = 'damaged'; PRAGMA wal_checkpoint(TRUNCATE)");
	const file = openSync(path, 'r+');
	writeSync(file, Buffer.alloc(statSync(path).size - 4096, 0xa5), 0, undefined, 4096);
	other.close();
}

test('a file that is damaged under the writer stops it cleanly: told once, every row counted, nobody harmed', async () => {
	const path = tempFile();
	const errors: StoreError[] = [];
	const store = await openStore(path, { onError: (error) => errors.push(error) });
	store.appendSteps(steps(2000));
	await store.flush();
	damage(path);

	store.appendSteps(steps(10));
	const flushed = store.flush();
	store.appendSteps(steps(20));
	store.appendEvents(events(5000));
	await flushed;
	store.appendSteps(steps(30));
	await store.flush();
	await store.close();

	expect(errors).toHaveLength(1);
	expect(errors[0]).toMatchObject({ code: 'INGERO_STORE_CORRUPT', path });
	expect(store.counters()).toEqual({
		steps: { appended: 2060, written: 2000, queued: 0, queueFull: 0, writeError: 60 },
		outliers: { appended: 0, written: 0, queued: 0, queueFull: 0, writeError: 0 },
		shifts: { appended: 0, written: 0, queued: 0, queueFull: 0, writeError: 0 },
		events: { appended: 5000, written: 0, queued: 0, queueFull: 0, writeError: 5000 },
	});
	expect(await openingError(path)).toMatchObject({ code: 'INGERO_STORE_CORRUPT' });
});

test('a writer thread that dies is told, and what it had is counted', async () => {
	const path = tempFile();
	const errors: StoreError[] = [];
	const dying = `
		import { parentPort } from 'node:worker_threads';
		parentPort.once('message', () => { throw new Error('out of memory, say'); });
		parentPort.postMessage({ kind: 'ready', sessionId: 1 });
	`;
	const store = await openStore(path, {
		workerUrl: new URL(`data:text/javascript,${encodeURIComponent(dying)}`),
		onError: (error) => errors.push(error),
	});
	store.appendSteps(steps(10));
	await store.flush();
	store.appendSteps(steps(5));
	await store.close();

	expect(errors).toHaveLength(1);
	expect(errors[0]).toMatchObject({ code: 'INGERO_STORE_WRITER_LOST', path });
	expect(errors[0]?.message).toContain('out of memory, say');
	expect(store.counters().steps).toMatchObject({ appended: 15, written: 0, queued: 0, writeError: 15 });
});
