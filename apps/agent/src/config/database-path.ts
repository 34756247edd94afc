import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a session's database is; `undefined` when none is kept. A path that was set wins over the default place. */
export function databasePath(flags: { readonly db?: string; readonly record?: boolean }): DatabasePath | undefined {
	if (flags.record === false) return undefined;
	const set = flags.db ?? process.env.INGERO_DB;
	if (set !== undefined && set !== '') return { path: set, chosen: true };
	return { path: join(homedir(), '.ingero', 'ingero.db'), chosen: false };
}

export interface DatabasePath {
	readonly path: string;
	/** The user named it: not being able to write there is an error, else a warning. */
	readonly chosen: boolean;
}
