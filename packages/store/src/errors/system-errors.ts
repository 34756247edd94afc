import { StoreError, type StoreErrorCode } from './store-error';

interface Kind {
	readonly code: StoreErrorCode;
	readonly remedy: string;
}

const UNWRITABLE: Kind = {
	code: 'INGERO_STORE_UNWRITABLE',
	remedy: 'Choose a path that this user may write to, or give it the permission',
};
const CORRUPT: Kind = {
	code: 'INGERO_STORE_CORRUPT',
	remedy: 'Move the file away to start a new one, or rescue it with the recover command of the sqlite3 shell',
};
const DISK_FULL: Kind = {
	code: 'INGERO_STORE_DISK_FULL',
	remedy: 'Free some space or choose a path on another file system',
};
const LOCKED: Kind = {
	code: 'INGERO_STORE_LOCKED',
	remedy: 'Find the process that holds the write lock (fuser names it) or choose another path',
};
const IO: Kind = {
	code: 'INGERO_STORE_IO',
	remedy: 'Look for disk errors in the kernel log, or choose a path on another file system',
};

/** SQLite's primary result codes and errno names; SQLite's extended codes begin with their primary one. */
const kinds: ReadonlyArray<readonly [prefix: string, kind: Kind]> = [
	['SQLITE_FULL', DISK_FULL],
	['SQLITE_READONLY', UNWRITABLE],
	['SQLITE_CANTOPEN', UNWRITABLE],
	['SQLITE_PERM', UNWRITABLE],
	['SQLITE_AUTH', UNWRITABLE],
	['SQLITE_BUSY', LOCKED],
	['SQLITE_LOCKED', LOCKED],
	['SQLITE_CORRUPT', CORRUPT],
	['SQLITE_NOTADB', CORRUPT],
	[
		'SQLITE_CONSTRAINT',
		{ code: 'INGERO_STORE_ROW_REFUSED', remedy: 'This is a mistake of the caller: look at the row' },
	],
	['ENOSPC', DISK_FULL],
	['EDQUOT', DISK_FULL],
	['EACCES', UNWRITABLE],
	['EPERM', UNWRITABLE],
	['EROFS', UNWRITABLE],
	['EEXIST', UNWRITABLE],
	['EISDIR', UNWRITABLE],
	['ENOTDIR', UNWRITABLE],
	['ENOENT', UNWRITABLE],
	['ENAMETOOLONG', UNWRITABLE],
];

function codeOf(cause: unknown): string | undefined {
	const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
	return typeof code === 'string' ? code : undefined;
}

/** Translates an error of SQLite or of the file system; a `StoreError` passes through. */
export function toStoreError(cause: unknown, path: string): StoreError {
	if (cause instanceof StoreError) {
		return cause;
	}
	const systemCode = codeOf(cause);
	const kind = kinds.find(([prefix]) => systemCode?.startsWith(prefix))?.[1] ?? IO;
	const message = cause instanceof Error ? cause.message : String(cause);
	const named = systemCode === undefined || message.includes(systemCode) ? message : `${message} (${systemCode})`;
	return new StoreError({ ...kind, problem: named, path, systemCode, cause });
}
