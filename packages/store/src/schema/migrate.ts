import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StoreError } from '../errors/store-error';
import { identityOf, isOurs } from './identity';
import { migrations, schemaVersionOf } from './migrations';
import { APPLICATION_ID } from './version';

/**
 * Brings the schema to the newest version and stamps the file, all in one transaction: a crash or a failed migration
 * leaves the file as it was. The versions are checked again inside the transaction, since another process may have
 * made or upgraded the file in the meantime.
 *
 * @throws StoreError `INGERO_STORE_MIGRATION_FAILED`, or those of {@link isOurs}
 */
export async function migrate(
	database: Database.Database,
	path: string,
	known: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
	const version = schemaVersionOf(known);
	database.exec('BEGIN IMMEDIATE');
	try {
		const found = identityOf(database);
		if (!isOurs(found, path, version) || found.userVersion < version) {
			await runMigrations(database, path, known);
			database.pragma(`application_id = ${APPLICATION_ID}`);
			database.pragma(`user_version = ${version}`);
		}
		database.exec('COMMIT');
	} catch (error) {
		if (database.inTransaction) {
			database.exec('ROLLBACK');
		}
		throw error;
	}
}

async function runMigrations(
	database: Database.Database,
	path: string,
	known: Readonly<Record<string, Migration>>,
): Promise<void> {
	// Never destroyed: that would close the connection, which belongs to the caller.
	const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
	const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...known }) } });
	const { error, results } = await migrator.migrateToLatest();
	if (error !== undefined) {
		if (error instanceof Database.SqliteError && error.code !== 'SQLITE_ERROR') {
			throw error; // a full disk or a lock, not the migration's fault
		}
		const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'the migration';
		throw new StoreError({
			code: 'INGERO_STORE_MIGRATION_FAILED',
			problem: `${failed} failed: ${error instanceof Error ? error.message : String(error)}. Nothing was changed`,
			remedy: 'Keep the file and report this, or choose another path',
			path,
			cause: error,
		});
	}
}
