import type Database from 'better-sqlite3';
import type { LossRow } from '../accounting/losses';
import { EVENT_RECORD_BYTES } from '../event-record';
import { outlierColumns, shiftColumns, stepColumns } from '../rows';
import type { EventsTable } from '../schema/tables';
import type { EventChunk, SqlValue } from './protocol';

const eventColumns: ReadonlyArray<keyof EventsTable> = [
	'ts_ns',
	'duration_ns',
	'pid',
	'tid',
	'op',
	'arg0',
	'arg1',
	'arg2',
	'seq',
];

/**
 * The inserts of one session. Each returns how many rows SQLite refused (a NaN where a number is needed, an id that
 * is there already); such a row is left out and the others go on. Any other failure throws and ends the transaction.
 */
export class Statements {
	readonly #steps: Database.Statement;
	readonly #outliers: Database.Statement;
	readonly #shifts: Database.Statement;
	readonly #events: Database.Statement;
	readonly #losses: Database.Statement;
	#eventSeq = 0;
	/** The last refusal, for the report. */
	refusal: unknown;

	constructor(database: Database.Database, sessionId: number) {
		this.#steps = database.prepare(insert('steps', sessionId, stepColumns));
		this.#outliers = database.prepare(insert('outliers', sessionId, outlierColumns));
		this.#shifts = database.prepare(insert('baseline_shifts', sessionId, shiftColumns));
		this.#events = database.prepare(insert('events', sessionId, eventColumns));
		this.#losses = database.prepare(
			`${insert('losses', sessionId, ['hop', 'item', 'fate', 'count'])}
			ON CONFLICT DO UPDATE SET count = excluded.count`,
		);
	}

	steps(values: readonly SqlValue[]): number {
		return this.#rows(this.#steps, values, stepColumns.length);
	}

	outliers(values: readonly SqlValue[]): number {
		return this.#rows(this.#outliers, values, outlierColumns.length);
	}

	shifts(values: readonly SqlValue[]): number {
		return this.#rows(this.#shifts, values, shiftColumns.length);
	}

	/** Reading 64-bit words as signed gives the two's complement that SQLite stores. */
	events({ buffer, count }: EventChunk): number {
		const words = new Uint32Array(buffer);
		const longs = new BigInt64Array(buffer);
		let refused = 0;
		for (let record = 0; record < count; record++) {
			const word = (record * EVENT_RECORD_BYTES) / 4;
			const long = word / 2;
			this.#eventSeq++;
			refused += this.#run(this.#events, [
				longs[long],
				words[word + 2],
				words[word + 3],
				words[word + 4],
				words[word + 5],
				longs[long + 3],
				longs[long + 4],
				longs[long + 5],
				this.#eventSeq,
			]);
		}
		return refused;
	}

	losses(rows: readonly LossRow[]): void {
		for (const { hop, item, fate, count } of rows) {
			this.#run(this.#losses, [hop, item, fate, count]);
		}
	}

	#rows(statement: Database.Statement, values: readonly SqlValue[], width: number): number {
		let refused = 0;
		for (let start = 0; start < values.length; start += width) {
			refused += this.#run(statement, values.slice(start, start + width));
		}
		return refused;
	}

	#run(statement: Database.Statement, values: readonly unknown[]): 0 | 1 {
		try {
			statement.run(values);
			return 0;
		} catch (error) {
			if (!isRefusal(error)) {
				throw error;
			}
			this.refusal = error;
			return 1;
		}
	}
}

function insert(table: string, sessionId: number, columns: readonly string[]): string {
	const places = columns.map(() => '?').join(', ');
	return `INSERT INTO ${table} (session_id, ${columns.join(', ')}) VALUES (${sessionId}, ${places})`;
}

/** A broken constraint undoes its own statement only, so the transaction stays usable. */
function isRefusal(error: unknown): boolean {
	return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT');
}
