import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { StoreError } from '../src';
import { openReadOnly } from '../src/read';
import { openStore, rawRows, rowCount, step, steps, tempFile } from './support';

test('a reader sees whole batches while the writer writes, and never fewer than before', async () => {
	const path = tempFile();
	const batchRows = 100;
	const store = await openStore(path, { batchRows });
	await using reader = openReadOnly(path);
	const count = () =>
		reader.db
			.selectFrom('steps')
			.select((eb) => eb.fn.countAll<number>().as('rows'))
			.executeTakeFirstOrThrow();

	const seen: number[] = [];
	for (let batch = 0; batch < 50; batch++) {
		store.appendSteps(steps(batchRows));
		seen.push((await count()).rows);
		await new Promise(setImmediate);
	}
	await store.flush();
	seen.push((await count()).rows);

	expect(seen.every((rows) => rows % batchRows === 0)).toBe(true);
	expect(seen).toEqual([...seen].sort((a, b) => a - b));
	expect(seen.at(-1)).toBe(50 * batchRows);
});

test('a reader cannot write, whatever it says', async () => {
	const path = tempFile();
	await (await openStore(path)).close();
	await using reader = openReadOnly(path);
	// biome-ignore lint/suspicious/noExplicitAny: the types refuse this already.
	const anything = reader.db as any;
	await expect(anything.deleteFrom('sessions').execute()).rejects.toThrow(/readonly/);
	expect(rowCount(path, 'sessions')).toBe(1);
});

test('closing under a live reader loses nothing', async () => {
	const path = tempFile();
	const store = await openStore(path);
	const reader = new Database(path, { readonly: true });
	reader.exec('BEGIN');
	reader.prepare('SELECT count(*) FROM steps').get();

	store.appendSteps(steps(10));
	await store.close();
	reader.exec('COMMIT');
	reader.close();

	expect(rowCount(path, 'steps')).toBe(10);
	expect(rawRows(path, 'SELECT stopped_at > 0 FROM sessions')).toEqual([[1n]]);
});

test("another process's lock delays rows; one that lasts loses them, counted and told once", async () => {
	const path = tempFile();
	const errors: StoreError[] = [];
	const store = await openStore(path, { busyTimeoutMs: 100, onError: (error) => errors.push(error) });
	const other = new Database(path);
	const locked = async (action: () => Promise<void>) => {
		other.exec('BEGIN IMMEDIATE');
		await action();
		if (other.inTransaction) {
			other.exec('COMMIT');
		}
	};

	await locked(async () => {
		store.appendSteps(steps(3));
		const flushed = store.flush();
		await new Promise((resolve) => setTimeout(resolve, 20));
		other.exec('COMMIT');
		await flushed;
	});
	expect(store.counters().steps).toMatchObject({ written: 3, writeError: 0 });

	await locked(async () => {
		store.appendSteps(steps(4));
		await store.flush();
		store.appendSteps(steps(5));
		await store.flush();
	});
	other.close();
	expect(store.counters().steps).toEqual({ appended: 12, written: 3, queued: 0, queueFull: 0, writeError: 9 });
	expect(errors).toHaveLength(1);
	expect(errors[0]).toBeInstanceOf(StoreError);
	expect(errors[0]).toMatchObject({ code: 'INGERO_STORE_LOCKED', path, systemCode: 'SQLITE_BUSY' });

	store.appendSteps([step()]);
	await store.close();
	expect(rawRows(path, 'SELECT step_id FROM steps ORDER BY step_id')).toEqual([[1n], [2n], [3n], [13n]]);
	expect(rawRows(path, "SELECT fate, count FROM losses WHERE item = 'steps' ORDER BY fate")).toEqual([
		['delivered', 4n],
		['store_queue_full', 0n],
		['write_error', 9n],
	]);
});
