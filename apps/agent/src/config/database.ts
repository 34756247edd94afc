import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors';
import { sizeBytes, wholeNumber } from './values';

/** Where a session's database is. */
export interface DatabasePath {
	readonly path: string;
	/** The user named it: not being able to write there is an error, else a warning. */
	readonly chosen: boolean;
}

/** When a database file is put aside for a fresh one. */
export interface Rollover {
	readonly maxBytes: number;
	/** Files put aside that are kept; older ones are deleted. */
	readonly keep: number;
}

export interface RolloverFlags {
	readonly maxDb?: string;
	readonly dbRolloverSize?: number;
	readonly dbRolloverKeep?: number;
}

/** The umbrella's: a day of a busy server in one file, six of them. */
const DEFAULT_ROLLOVER: Rollover = { maxBytes: 1024 ** 3, keep: 6 };

export function addRolloverFlags(command: Command): Command {
	return command
		.option('--max-db <size>', '0: the database grows without limit and never rolls over')
		.option('--db-rollover-size <size>', 'start a new database file at this size (default 1g)', sizeBytes)
		.option('--db-rollover-keep <n>', 'older files to keep (default 6)', wholeNumber);
}

/** Where the database is; `undefined` when none is kept. A path that was set wins over the default place. */
export function databasePath(flags: { readonly db?: string; readonly record?: boolean }): DatabasePath | undefined {
	if (flags.record === false) return undefined;
	const set = flags.db ?? process.env.INGERO_DB;
	if (set !== undefined && set !== '') return { path: set, chosen: true };
	return { path: join(homedir(), '.ingero', 'ingero.db'), chosen: false };
}

/**
 * The umbrella's rollover, unless a flag says otherwise.
 *
 * @throws UsageError for a limit and a rollover at once, and for a limit other than none
 */
export function rolloverOf(flags: RolloverFlags): Rollover | undefined {
	if (flags.maxDb !== undefined && flags.maxDb.trim() !== '0') {
		throw new UsageError(
			flags.dbRolloverSize === undefined
				? `--max-db ${flags.maxDb}: only 0 (no limit) is supported: use --db-rollover-size to bound the file`
				: '--max-db and --db-rollover-size exclude each other',
		);
	}
	if (flags.maxDb !== undefined && flags.dbRolloverSize === undefined) return undefined;
	return {
		maxBytes: flags.dbRolloverSize ?? DEFAULT_ROLLOVER.maxBytes,
		keep: flags.dbRolloverKeep ?? DEFAULT_ROLLOVER.keep,
	};
}
