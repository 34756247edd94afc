import { readFileSync, readlinkSync } from 'node:fs';

/** Where a reader finds procfs. `/host/proc` in a container that mounts the host's, a folder of files in a test. */
export interface ProcOptions {
	/** default `/proc` */
	readonly procRoot?: string;
}

export const DEFAULT_PROC_ROOT = '/proc';

/**
 * Errors by which procfs says "no such process any more" or "not yours to read".
 * A process can end between two reads, so these are answers and not failures.
 */
const ABSENCE_CODES: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL']);

/** The text of a small file, or `undefined` where it is absent or may not be read. Other failures are thrown. */
export function readTextFile(path: string): string | undefined {
	return absentAsUndefined(() => readFileSync(path, 'utf8'));
}

/** The target of a symbolic link, or `undefined` as for {@link readTextFile}. */
export function readLink(path: string): string | undefined {
	return absentAsUndefined(() => readlinkSync(path));
}

/** Inode of a namespace, from a link such as `pid:[4026531836]`; `undefined` where the link may not be read. */
export function readNamespace(path: string): number | undefined {
	const inode = readLink(path)?.match(/\[(\d+)\]$/)?.[1];
	return inode === undefined ? undefined : Number(inode);
}

/** The value of one `Name:\tvalue` line of a status file. */
export function statusField(status: string, name: string): string | undefined {
	const prefix = `${name}:`;
	for (const line of status.split('\n')) {
		if (line.startsWith(prefix)) return line.slice(prefix.length).trim();
	}
	return undefined;
}

export function assertPid(pid: number): void {
	if (!Number.isInteger(pid) || pid <= 0) {
		throw new TypeError(`pid must be a positive integer, got ${String(pid)}`);
	}
}

function absentAsUndefined<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if (error instanceof Error && 'code' in error && ABSENCE_CODES.has(String(error.code))) return undefined;
		throw error;
	}
}
