import type Database from 'better-sqlite3';
import type { LossRow } from '../accounting/losses';
import type { StoreError } from '../errors/store-error';
import { toStoreError } from '../errors/system-errors';
import { outlierColumns, shiftColumns, stepColumns } from '../rows';
import { type OperationNames, sessionColumns } from '../session';
import { openForWriting } from './connection';
import type { Batch, RowCounts, WriterSetup } from './protocol';
import { Statements } from './statements';

export interface WriteOutcome {
	readonly failed: RowCounts;
	readonly error?: StoreError | undefined;
	/** The next batch would fail for the same reason, whatever is in it. */
	readonly fatal: boolean;
}

/** One session in one file: begun on open, one transaction a batch, ended on close. */
export class SessionWriter {
	readonly sessionId: number;
	readonly #database: Database.Database;
	readonly #path: string;
	readonly #statements: Statements;

	/** @throws StoreError when the file can't be opened, is not ours, or can't be written to */
	static async open(setup: WriterSetup): Promise<SessionWriter> {
		try {
			const database = await openForWriting(setup.path, setup.busyTimeoutMs);
			try {
				return new SessionWriter(database, setup);
			} catch (error) {
				database.close();
				throw error;
			}
		} catch (error) {
			throw toStoreError(error, setup.path);
		}
	}

	private constructor(database: Database.Database, setup: WriterSetup) {
		this.#database = database;
		this.#path = setup.path;
		this.sessionId = database.transaction(() => beginSession(database, setup)).immediate();
		this.#statements = new Statements(database, this.sessionId);
	}

	/** Never throws: rows that did not get into the file are counted in the outcome. */
	write(batch: Batch): WriteOutcome {
		const statements = this.#statements;
		statements.refusal = undefined;
		try {
			this.#database.exec('BEGIN IMMEDIATE');
			let refusedEvents = 0;
			for (const chunk of batch.events) {
				refusedEvents += statements.events(chunk);
			}
			const failed: RowCounts = {
				steps: statements.steps(batch.steps),
				outliers: statements.outliers(batch.outliers),
				shifts: statements.shifts(batch.shifts),
				events: refusedEvents,
			};
			statements.losses(batch.losses);
			this.#database.exec('COMMIT');
			const refusal = statements.refusal;
			return { failed, fatal: false, error: refusal === undefined ? undefined : toStoreError(refusal, this.#path) };
		} catch (cause) {
			this.#rollBack();
			const error = toStoreError(cause, this.#path);
			const fatal = error.code === 'INGERO_STORE_CORRUPT' || error.code === 'INGERO_STORE_UNWRITABLE';
			return { failed: rowCounts(batch), error, fatal };
		}
	}

	/**
	 * Ends the session, folds the write-ahead log into the file and closes it. A reader in the middle of a query keeps
	 * the log alive; that is not waited for, and loses nothing: whoever opens the file next reads the log too.
	 *
	 * @returns the failure, if the session's end could not be written; the file is closed all the same
	 */
	close(losses: readonly LossRow[]): StoreError | undefined {
		try {
			this.#database
				.transaction(() => {
					this.#statements.losses(losses);
					this.#database.prepare('UPDATE sessions SET stopped_at = ? WHERE id = ?').run(unixNs(), this.sessionId);
				})
				.immediate();
			this.#database.pragma('busy_timeout = 0');
			this.#database.pragma('wal_checkpoint(TRUNCATE)');
			return undefined;
		} catch (error) {
			return toStoreError(error, this.#path);
		} finally {
			this.#database.close();
		}
	}

	/** Some failures, a full disk among them, have ended the transaction already. */
	#rollBack(): void {
		if (this.#database.inTransaction) {
			this.#database.exec('ROLLBACK');
		}
	}
}

function beginSession(database: Database.Database, setup: WriterSetup): number {
	const columns = { ...sessionColumns(setup.session), started_at: unixNs() };
	const names = Object.keys(columns);
	const { lastInsertRowid } = database
		.prepare(`INSERT INTO sessions (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`)
		.run(columns);
	insertOperations(database, Number(lastInsertRowid), setup.operations);
	return Number(lastInsertRowid);
}

function insertOperations(database: Database.Database, sessionId: number, operations: OperationNames): void {
	const insert = database.prepare('INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?)');
	for (const [op, { name, args }] of Object.entries(operations)) {
		insert.run(sessionId, Number(op), name, args[0] ?? '', args[1] ?? '', args[2] ?? '');
	}
}

function rowCounts(batch: Batch): RowCounts {
	return {
		steps: batch.steps.length / stepColumns.length,
		outliers: batch.outliers.length / outlierColumns.length,
		shifts: batch.shifts.length / shiftColumns.length,
		events: batch.events.reduce((sum, chunk) => sum + chunk.count, 0),
	};
}

function unixNs(): bigint {
	return BigInt(Date.now()) * 1_000_000n;
}
