import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import type { ReadonlyKysely } from 'kysely/readonly';
import { StoreError } from './errors/store-error';
import { toStoreError } from './errors/system-errors';
import { withExactIntegers } from './reader/exact-integers';
import { bridgeOlderSchema } from './reader/older-files';
import { type Identity, isOurs, readIdentity } from './schema/identity';
import { SCHEMA_VERSION } from './schema/migrations';
import type { StoreSchema } from './schema/tables';
import { APPLICATION_ID } from './schema/version';

export type {
	BaselineShiftsTable,
	EventsTable,
	LossesTable,
	OperationsTable,
	OutliersTable,
	SessionsTable,
	StepsTable,
	StoreSchema,
} from './schema/tables';
export { APPLICATION_ID, SCHEMA_VERSION };

export interface StoreReader extends AsyncDisposable {
	/** Typed, query-only access; see kysely for what it can do. */
	readonly db: ReadonlyKysely<StoreSchema>;
	/** Of the file. */
	readonly schemaVersion: number;
	close(): Promise<void>;
}

/** Short: a reader waits for nothing but the recovery after a crash. */
const BUSY_TIMEOUT_MS = 2000;

/**
 * Opens a store for queries. The file, its journal mode and its schema stay as they are; the engine itself refuses
 * every write. A session may be running: each query sees the rows committed before it began. In a file of an older schema,
 * columns that it lacks are null.
 *
 * @throws StoreError when the file is missing, of another program, of a newer schema, or damaged
 */
export function openReadOnly(path: string): StoreReader {
	const identity = identify(path);
	try {
		const database = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
		bridgeOlderSchema(database, identity.userVersion);
		database.pragma('query_only = ON');
		const db = new Kysely<StoreSchema>({ dialect: new SqliteDialect({ database: withExactIntegers(database) }) });
		const close = async () => void database.close();
		return {
			db: db as unknown as ReadonlyKysely<StoreSchema>,
			schemaVersion: identity.userVersion,
			close,
			[Symbol.asyncDispose]: close,
		};
	} catch (error) {
		throw toStoreError(error, path);
	}
}

function identify(path: string): Identity {
	let identity: Identity | undefined;
	try {
		identity = readIdentity(path);
	} catch (error) {
		throw toStoreError(error, path);
	}
	if (identity === undefined || !isOurs(identity, path)) {
		throw new StoreError({
			code: 'INGERO_STORE_UNREADABLE',
			problem: 'there is no session in it, or no such file',
			remedy: 'Check the path; a session is recorded with ingero trace --record',
			path,
		});
	}
	return identity;
}
