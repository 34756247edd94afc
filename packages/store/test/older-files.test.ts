import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openReadOnly, SCHEMA_VERSION } from '../src/read';
import { openStore, rawRows, step, tempFile } from './support';

/** A file as version 0.1.0 left it. */
function fileOfSchema1001(): string {
	const path = tempFile();
	const database = new Database(path);
	database.exec(readFileSync(new URL('files/schema-1001.sql', import.meta.url), 'utf8'));
	database.pragma('journal_mode = WAL');
	database.close();
	return path;
}

const COLUMNS_OF_1001 = {
	steps: `session_id, step_id, pid, tid, cgroup_path_hash, stream_handle, phase, start_ns, end_ns, step_duration_ns,
		launch_count, graph_launch_count, grid_blocks, memcpy_bytes, bucket, ratio, baseline_p95_ns, warmed`,
	outliers: '*',
	events: '*',
	operations: '*',
	sessions: '*',
	losses: '*',
};

function everything(path: string): unknown[][][] {
	return Object.entries(COLUMNS_OF_1001).map(([table, columns]) =>
		rawRows(path, `SELECT ${columns} FROM ${table} WHERE ${table === 'sessions' ? 'id' : 'session_id'} = 1`),
	);
}

test('a file of the first schema is upgraded when a session is added to it, and nothing in it is lost', async () => {
	const path = fileOfSchema1001();
	const before = everything(path);

	const store = await openStore(path);
	expect(store.sessionId).toBe(2);
	const stepId = store.appendSteps([step({ expectedNs: 4.5, thresholdNs: 5 })]);
	const shift = { eventId: 'id', stepId, reason: 'drift', oldP95Ns: 5, newP95Ns: 8, samples: 256 };
	store.appendShifts([shift]);
	await store.close();

	expect(everything(path)).toEqual(before);
	expect(before.map((rows) => rows.length)).toEqual([2, 1, 1, 1, 1, 9]);
	await using reader = openReadOnly(path);
	expect(reader.schemaVersion).toBe(SCHEMA_VERSION);
	const steps = await reader.db.selectFrom('steps').select(['session_id', 'expected_ns', 'threshold_ns']).execute();
	expect(steps.map((row) => Object.values(row))).toEqual([
		[1, null, null],
		[1, null, null],
		[2, 4.5, 5],
	]);
	expect(await reader.db.selectFrom('baseline_shifts').selectAll().execute()).toEqual([
		{ event_id: 'id', session_id: 2, step_id: 1, reason: 'drift', old_p95_ns: 5, new_p95_ns: 8, samples: 256 },
	]);
});

test('a file of the first schema is read as it is', async () => {
	const path = fileOfSchema1001();
	const bytes = readFileSync(path);
	await using reader = openReadOnly(path);

	expect(reader.schemaVersion).toBe(1001);
	const [slow] = await reader.db
		.selectFrom('steps')
		.innerJoin('outliers', 'outliers.step_id', 'steps.step_id')
		.selectAll()
		.execute();
	expect(slow).toMatchObject({
		stream_handle: 2n ** 64n - 2n,
		throttle_reasons: 2n ** 63n,
		end_ns: 23_500_000n,
		cause: 'cpu_contention',
		expected_ns: null,
		threshold_ns: null,
	});
	expect(await reader.db.selectFrom('baseline_shifts').selectAll().execute()).toEqual([]);
	expect(readFileSync(path)).toEqual(bytes);
});

test('a file made today has the tables and columns of an upgraded one', async () => {
	const upgraded = fileOfSchema1001();
	const fresh = tempFile();
	await (await openStore(upgraded)).close();
	await (await openStore(fresh)).close();
	const schema = (path: string) => rawRows(path, 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name');
	expect(schema(fresh)).toEqual(schema(upgraded));
});
