import type Database from 'better-sqlite3';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

type Convert = (value: unknown) => unknown;

/**
 * The subset of a connection that kysely needs, with every integer exact: columns declared `UNSIGNED BIG INT` and
 * `BIG INT` come back as `bigint` (the first undone from its two's complement, under whatever alias), all others as
 * `number`, and an expression too large for a `number` as `bigint`.
 */
export function withExactIntegers(database: Database.Database): SqliteDatabase {
	return {
		close: () => database.close(),
		prepare: (sql) => exactStatement(database.prepare(sql)),
	};
}

function exactStatement(statement: Database.Statement<unknown[], Record<string, unknown>>): SqliteStatement {
	if (!statement.reader) {
		return { reader: false, all: () => [], iterate: () => [].values(), run: (values) => statement.run(bound(values)) };
	}
	statement.safeIntegers(true);
	const converters = statement.columns().map((column) => [column.name, converterFor(column.type)] as const);
	const toRow = (row: Record<string, unknown>) => {
		for (const [name, convert] of converters) {
			row[name] = convert(row[name]);
		}
		return row;
	};
	return {
		reader: true,
		all: (values) => statement.all(bound(values)).map(toRow),
		*iterate(values) {
			for (const row of statement.iterate(bound(values))) {
				yield toRow(row);
			}
		},
		run: () => ({ changes: 0, lastInsertRowid: 0 }),
	};
}

function converterFor(declaredType: string | null): Convert {
	switch (declaredType?.toLowerCase()) {
		case 'unsigned big int':
			return (value) => (typeof value === 'bigint' ? BigInt.asUintN(64, value) : value);
		case 'big int':
			return (value) => value;
		default:
			return (value) => (typeof value === 'bigint' && isSafe(value) ? Number(value) : value);
	}
}

function isSafe(value: bigint): boolean {
	return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}

/** Lets a query compare with the upper half of the unsigned range. */
function bound(values: readonly unknown[]): unknown[] {
	return values.map((value) => (typeof value === 'bigint' ? BigInt.asIntN(64, value) : value));
}
