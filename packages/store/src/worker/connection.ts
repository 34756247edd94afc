import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { isOurs, readIdentity } from '../schema/identity';
import { migrate } from '../schema/migrate';

/**
 * Opens the file for writing, making it and its folder when they are missing.
 *
 * A new file gets its schema before it gets its write-ahead log, so that the header of a file of ours says so from the
 * first committed byte on. The refusals of {@link isOurs} come before anything is touched.
 */
export async function openForWriting(path: string, busyTimeoutMs: number): Promise<Database.Database> {
	const identity = readIdentity(path);
	if (identity === undefined) {
		createFile(path);
	} else {
		isOurs(identity, path);
	}
	const database = new Database(path, { timeout: busyTimeoutMs, fileMustExist: true });
	try {
		database.pragma('auto_vacuum = INCREMENTAL'); // holds only before the first table; older files keep their mode
		await migrate(database, path);
		database.pragma('journal_mode = WAL');
		// A killed process loses nothing that was committed. A power cut may lose the last transactions, never the file.
		database.pragma('synchronous = NORMAL');
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/** Readable by owner and group only: rows name processes and containers. SQLite gives `-wal` and `-shm` the same mode. */
function createFile(path: string): void {
	makeFolder(dirname(path));
	closeSync(openSync(path, 'a', 0o640));
}

/** Node's own recursive mkdir never returns where the kernel answers ENOENT below a folder that exists, as /proc does. */
function makeFolder(path: string): void {
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
		return;
	}
	const parent = dirname(path);
	if (parent !== path) {
		makeFolder(parent);
	}
	try {
		mkdirSync(path, 0o755);
	} catch (error) {
		if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
			throw error; // nobody else made it in the meantime
		}
	}
}
