import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StoreError } from '../errors/store-error';
import { SCHEMA_VERSION } from './migrations';
import { APPLICATION_ID, SCHEMA_VERSION_BASE } from './version';

/** Who made a database file, and in which version of its schema. */
export interface Identity {
	readonly applicationId: number;
	readonly userVersion: number;
	/** SQLite counts schema changes here; 0 means that no table was ever made. */
	readonly schemaCookie: number;
}

/** Offsets of the database header: https://www.sqlite.org/fileformat2.html#the_database_header */
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const SCHEMA_COOKIE_OFFSET = 40;
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;

/**
 * Reads who made the file at `path` and changes nothing: no lock, no journal, no `-shm` beside it. SQLite itself is
 * asked only when a write-ahead log holds pages newer than the header, and then those files exist already.
 *
 * @returns `undefined` for a file that does not exist or is empty
 */
export function readIdentity(path: string): Identity | undefined {
	const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
	return walBytes > 0 ? identityThroughLog(path) : identityFromHeader(path);
}

function identityFromHeader(path: string): Identity | undefined {
	if (statSync(path, { throwIfNoEntry: false }) === undefined) {
		return undefined;
	}
	const header = Buffer.alloc(HEADER_BYTES);
	const file = openSync(path, 'r');
	try {
		if (fstatSync(file).size === 0) {
			return undefined;
		}
		const length = readSync(file, header, 0, HEADER_BYTES, 0);
		if (length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
			throw notADatabase(path);
		}
	} finally {
		closeSync(file);
	}
	return {
		applicationId: header.readUInt32BE(APPLICATION_ID_OFFSET),
		userVersion: header.readInt32BE(USER_VERSION_OFFSET),
		schemaCookie: header.readUInt32BE(SCHEMA_COOKIE_OFFSET),
	};
}

function identityThroughLog(path: string): Identity {
	const database = new Database(path, { readonly: true, fileMustExist: true });
	try {
		return identityOf(database);
	} finally {
		database.close();
	}
}

export function identityOf(database: Database.Database): Identity {
	return {
		applicationId: Number(database.pragma('application_id', { simple: true })),
		userVersion: Number(database.pragma('user_version', { simple: true })),
		schemaCookie: Number(database.pragma('schema_version', { simple: true })),
	};
}

/**
 * @returns `true` for a file of ours, `false` for one without any table
 * @throws StoreError `INGERO_STORE_NEWER_SCHEMA` or `INGERO_STORE_FOREIGN_SCHEMA`, with both versions
 */
export function isOurs(identity: Identity, path: string, supportedVersion: number = SCHEMA_VERSION): boolean {
	const { applicationId, userVersion, schemaCookie } = identity;
	if (applicationId === 0 && userVersion === 0 && schemaCookie === 0) {
		return false;
	}
	if (applicationId !== APPLICATION_ID || userVersion <= SCHEMA_VERSION_BASE) {
		throw new StoreError({
			code: 'INGERO_STORE_FOREIGN_SCHEMA',
			problem: `made by another program or by an earlier Ingero agent: its schema version is ${userVersion} and its application id ${hex(applicationId)}, ours are ${supportedVersion} and ${hex(APPLICATION_ID)}. Nothing was changed`,
			remedy: 'Choose another path; the old file stays readable with the agent that made it',
			path,
			foundVersion: userVersion,
			supportedVersion,
		});
	}
	if (userVersion > supportedVersion) {
		throw new StoreError({
			code: 'INGERO_STORE_NEWER_SCHEMA',
			problem: `its schema version is ${userVersion}, newer than ${supportedVersion}, the newest one this Ingero knows. Nothing was changed`,
			remedy: 'Use the Ingero that made it or a newer one, or choose another path',
			path,
			foundVersion: userVersion,
			supportedVersion,
		});
	}
	return true;
}

function notADatabase(path: string): StoreError {
	return new StoreError({
		code: 'INGERO_STORE_CORRUPT',
		problem: 'not an SQLite database, or its first page is damaged. Nothing was changed',
		remedy: 'Choose another path, or move the file away to start a new one',
		path,
	});
}

function hex(value: number): string {
	return `0x${value.toString(16).padStart(8, '0')}`;
}
