import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import type { StoreError } from '../src';
import { events, openingError, openStore, rawRows, rowCount, step, steps, tempFolder } from './support';

/** A file system of its own; the test is skipped, and says why, where none can be mounted. */
function mounted(context: TestContext, options: string): string {
	const folder = tempFolder();
	const result = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { encoding: 'utf8' });
	context.skip(result.status !== 0, `needs a mount: ${(result.error?.message ?? result.stderr).trim()}`);
	onTestFinished(() => void spawnSync('umount', ['-l', folder]));
	return folder;
}

test('a disk that fills costs the rows that do not fit, and rows are written again once there is room', async (context) => {
	const folder = mounted(context, 'size=2m');
	const path = join(folder, 'ingero.db');
	const ballast = join(folder, 'ballast');
	const errors: StoreError[] = [];
	const store = await openStore(path, { onError: (error) => errors.push(error) });
	store.appendSteps(steps(500));
	await store.flush();
	expect(store.counters().steps.written).toBe(500);

	const filled = () => writeFileSync(ballast, Buffer.alloc(2 << 20));
	expect(filled).toThrow(/ENOSPC/);
	for (let round = 0; round < 20; round++) {
		store.appendSteps(steps(500));
		store.appendEvents(events(2000));
		await store.flush();
	}

	const full = store.counters();
	expect(full.steps.writeError).toBeGreaterThan(0);
	expect(full.steps.written + full.steps.writeError).toBe(full.steps.appended);
	expect(full.events.written + full.events.writeError).toBe(full.events.appended);
	expect(errors).toHaveLength(1);
	expect(errors[0]).toMatchObject({ code: 'INGERO_STORE_DISK_FULL', path, systemCode: 'SQLITE_FULL' });
	expect(errors[0]?.message).toContain('Free some space');

	rmSync(ballast);
	store.appendSteps([step()]);
	await store.close();

	expect(store.counters().steps.written).toBe(full.steps.written + 1);
	expect(rowCount(path, 'steps')).toBe(full.steps.written + 1);
	expect(rowCount(path, 'events')).toBe(full.events.written);
	expect(rawRows(path, "SELECT count FROM losses WHERE item = 'steps' AND fate = 'write_error'")).toEqual([
		[BigInt(full.steps.writeError)],
	]);
	expect(rawRows(path, 'PRAGMA integrity_check')).toEqual([['ok']]);
});

test('a store still closes on a disk that stays full', async (context) => {
	const path = join(mounted(context, 'size=1m'), 'ingero.db');
	const errors: StoreError[] = [];
	const store = await openStore(path, { onError: (error) => errors.push(error) });
	store.appendEvents(events(100_000));
	await store.close();
	const { appended, written, writeError } = store.counters().events;
	expect([appended, written + writeError]).toEqual([100_000, 100_000]);
	expect(writeError).toBeGreaterThan(0);
	expect(errors.map((error) => error.code)).toEqual(['INGERO_STORE_DISK_FULL']);
	expect(rowCount(path, 'events')).toBe(written);
});

test('a disk that is full already, or mounted read-only, is told at once', async (context) => {
	const full = mounted(context, 'size=64k');
	expect(() => writeFileSync(join(full, 'ballast'), Buffer.alloc(1 << 20))).toThrow(/ENOSPC/);
	expect(await openingError(join(full, 'ingero.db'))).toMatchObject({ code: 'INGERO_STORE_DISK_FULL' });

	const path = join(mounted(context, 'ro'), 'ingero.db');
	expect(await openingError(path)).toMatchObject({ code: 'INGERO_STORE_UNWRITABLE', path, systemCode: 'EROFS' });
});
