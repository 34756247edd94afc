import type { Migration } from 'kysely/migration';
import { SCHEMA_VERSION_BASE } from '../version';
import * as first from './0001-first';
import * as workAndShifts from './0002-work-and-shifts';

/** Append-only: a migration that has shipped is never edited. Names sort in the order in which they run. */
export const migrations: Readonly<Record<string, Migration>> = {
	'0001-first': first,
	'0002-work-and-shifts': workAndShifts,
};

/** The `user_version` of a file that has seen all of `known`. */
export function schemaVersionOf(known: Readonly<Record<string, Migration>>): number {
	return SCHEMA_VERSION_BASE + Object.keys(known).length;
}

/** The version this package writes, and the newest one it reads. */
export const SCHEMA_VERSION: number = schemaVersionOf(migrations);
