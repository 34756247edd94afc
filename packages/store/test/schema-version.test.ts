import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { isStoreError, StoreError } from '../src';
import { APPLICATION_ID, openReadOnly, SCHEMA_VERSION } from '../src/read';
import { migrate } from '../src/schema/migrate';
import { migrations } from '../src/schema/migrations';
import { openingError, openStore, rawRows, rowCount, step, tempFile } from './support';

/** The schema of tomorrow: today's and one more column. */
const tomorrow = {
	...migrations,
	'9999-more': {
		async up(db: Parameters<(typeof migrations)[string]['up']>[0]) {
			await db.schema.alterTable('steps').addColumn('added', 'integer').execute();
		},
	},
};

function stamps(path: string): unknown {
	const database = new Database(path, { readonly: true });
	const read = (name: string) => database.pragma(name, { simple: true });
	const found = {
		applicationId: read('application_id'),
		userVersion: read('user_version'),
		journal: read('journal_mode'),
		autoVacuum: read('auto_vacuum'),
	};
	database.close();
	return found;
}

function databaseMadeBy(path: string, ...sql: string[]): void {
	const database = new Database(path);
	for (const statement of sql) {
		database.exec(statement);
	}
	database.close();
}

/** Everything that refusing a file must not change. */
function traces(path: string): unknown {
	const { mtimeMs, size, mode } = statSync(path);
	return { bytes: readFileSync(path).toString('hex'), beside: readdirSync(dirname(path)), mtimeMs, size, mode };
}

test('a new file carries our stamps and settings, and only owner and group may read it', async () => {
	const path = join(dirname(tempFile()), 'made', 'on', 'demand.db');
	await (await openStore(path)).close();

	expect(SCHEMA_VERSION).toBe(1002);
	expect(APPLICATION_ID).toBe(0x494e4752);
	expect(stamps(path)).toEqual({
		applicationId: APPLICATION_ID,
		userVersion: SCHEMA_VERSION,
		journal: 'wal',
		autoVacuum: 2,
	});
	expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask());
	await using reader = openReadOnly(path);
	expect(reader.schemaVersion).toBe(SCHEMA_VERSION);
});

test('an older schema is upgraded in place, rows and all', async () => {
	const path = tempFile();
	const store = await openStore(path);
	store.appendSteps([step()]);
	await store.close();

	const database = new Database(path);
	await migrate(database, path, tomorrow);
	await migrate(database, path, tomorrow); // nothing left to do
	database.close();

	expect(stamps(path)).toMatchObject({ applicationId: APPLICATION_ID, userVersion: SCHEMA_VERSION + 1 });
	expect(rawRows(path, 'SELECT step_id, added FROM steps')).toEqual([[1n, null]]);
});

test('a migration that fails leaves the file as it was', async () => {
	const path = tempFile();
	await (await openStore(path)).close();
	const database = new Database(path);
	const broken = {
		...tomorrow,
		'9999-zz': {
			async up() {
				throw new Error('no such luck');
			},
		},
	};

	await expect(migrate(database, path, broken)).rejects.toMatchObject({
		code: 'INGERO_STORE_MIGRATION_FAILED',
		message: expect.stringContaining('9999-zz failed: no such luck'),
	});
	database.close();

	expect(stamps(path)).toMatchObject({ userVersion: SCHEMA_VERSION });
	expect(rawRows(path, "SELECT count(*) FROM pragma_table_info('steps') WHERE name = 'added'")).toEqual([[0n]]);
});

test('a file of a newer Ingero is refused with both versions, and is not touched', async () => {
	const path = tempFile();
	await (await openStore(path)).close();
	databaseMadeBy(path, `PRAGMA user_version = ${SCHEMA_VERSION + 7}`);
	const before = traces(path);

	const error = await openingError(path);

	expect(error).toBeInstanceOf(StoreError);
	expect(isStoreError(error)).toBe(true);
	expect(error).toMatchObject({
		code: 'INGERO_STORE_NEWER_SCHEMA',
		path,
		foundVersion: SCHEMA_VERSION + 7,
		supportedVersion: SCHEMA_VERSION,
	});
	expect(error.message).toContain(`${SCHEMA_VERSION + 7}`);
	expect(error.message).toContain(`${SCHEMA_VERSION}`);
	expect(() => openReadOnly(path)).toThrow(expect.objectContaining({ code: 'INGERO_STORE_NEWER_SCHEMA' }));
	expect(traces(path)).toEqual(before);
});

test.each([
	[
		'generation 10 of the earlier agent',
		10,
		['PRAGMA journal_mode = WAL', 'CREATE TABLE events (id TEXT PRIMARY KEY)'],
	],
	['generation 8 of the earlier agent', 0, ['CREATE TABLE schema_info (key TEXT PRIMARY KEY, value TEXT NOT NULL)']],
	['another program', 3, ['CREATE TABLE moz_places (id INTEGER)', 'PRAGMA application_id = 1']],
])('a file of %s is refused with both versions, and is not touched', async (_, userVersion, sql) => {
	const path = tempFile();
	databaseMadeBy(path, ...sql, `PRAGMA user_version = ${userVersion}`);
	const before = traces(path);

	const error = await openingError(path);

	expect(error).toMatchObject({
		code: 'INGERO_STORE_FOREIGN_SCHEMA',
		path,
		foundVersion: userVersion,
		supportedVersion: SCHEMA_VERSION,
	});
	expect(error.message).toContain(`schema version is ${userVersion} `);
	expect(error.message).toContain(`${SCHEMA_VERSION}`);
	expect(() => openReadOnly(path)).toThrow(expect.objectContaining({ code: 'INGERO_STORE_FOREIGN_SCHEMA' }));
	expect(traces(path)).toEqual(before);
});

test('a version that so far stands in the write-ahead log only is seen', async () => {
	const path = tempFile();
	const other = new Database(path);
	other.exec('PRAGMA journal_mode = WAL; CREATE TABLE events (id TEXT PRIMARY KEY); PRAGMA user_version = 10');
	expect(await openingError(path)).toMatchObject({ code: 'INGERO_STORE_FOREIGN_SCHEMA', foundVersion: 10 });
	other.close();
});

test('a database without any table is taken over', async () => {
	const path = tempFile();
	databaseMadeBy(path, 'PRAGMA journal_mode = WAL');
	expect(statSync(path).size).toBe(4096);
	const store = await openStore(path);
	store.appendSteps([step()]);
	await store.close();
	expect(rowCount(path, 'steps')).toBe(1);
});

test('a file that is no database is refused, and is not touched', async () => {
	const path = tempFile();
	writeFileSync(path, 'dear diary\n'.repeat(50));
	const before = traces(path);

	expect(await openingError(path)).toMatchObject({ code: 'INGERO_STORE_CORRUPT', path });
	expect(() => openReadOnly(path)).toThrow(expect.objectContaining({ code: 'INGERO_STORE_CORRUPT' }));
	expect(traces(path)).toEqual(before);
});

test.each([
	['shorter than its header', (bytes: Buffer) => bytes.subarray(0, 60)],
	['cut off', (bytes: Buffer) => bytes.subarray(0, 3 * 4096)],
	['overwritten from its second page on', (bytes: Buffer) => bytes.fill(0xa5, 100)],
])('a store that is %s is refused as damaged', async (_, damage) => {
	const path = tempFile();
	await (await openStore(path)).close();
	writeFileSync(path, damage(readFileSync(path)));

	const error = await openingError(path);
	expect(error.code).toBe('INGERO_STORE_CORRUPT');
	expect(error.message).toContain(path);
});

test.each([
	['below a file', (base: string) => join(base, 'not-a-folder', 'ingero.db'), 'ENOTDIR'],
	['a folder', (base: string) => base, 'EISDIR'],
	['where nothing can be made', () => '/proc/ingero/ingero.db', 'ENOENT'],
])('a path that is %s fails at once and is named', async (_, place, systemCode) => {
	const base = dirname(tempFile());
	writeFileSync(join(base, 'not-a-folder'), '');
	const path = place(base);

	const error = await openingError(path);

	expect(error).toMatchObject({ code: 'INGERO_STORE_UNWRITABLE', path });
	expect(error.systemCode).toMatch(new RegExp(`${systemCode}|EEXIST`));
	expect(error.message).toContain(path);
	expect(error.message).toContain('Choose a path');
});

test('a worker script that is not there is told as such', async () => {
	const path = tempFile();
	expect(await openingError(path, { workerUrl: new URL('file:///nowhere/writer.js') })).toMatchObject({
		code: 'INGERO_STORE_WRITER_LOST',
		remedy: expect.stringContaining('workerUrl'),
	});
});

test('two stores that make the same file at the same time both get it', async () => {
	const path = tempFile();
	const stores = await Promise.all([openStore(path), openStore(path), openStore(path)]);
	for (const store of stores) {
		store.appendSteps([step(), step()]);
	}
	await Promise.all(stores.map((store) => store.close()));
	expect(new Set(stores.map((store) => store.sessionId)).size).toBe(3);
	expect(rowCount(path, 'steps')).toBe(6);
});

test('reading what was never recorded says so', () => {
	const path = tempFile();
	expect(() => openReadOnly(path)).toThrow(expect.objectContaining({ code: 'INGERO_STORE_UNREADABLE' }));
	mkdirSync(path);
	expect(() => openReadOnly(path)).toThrow(expect.objectContaining({ path }));
});
