import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

const SIDECARS = ['-wal', '-shm'];

/** Bytes a database takes, its write-ahead log included; 0 when it is not there. */
export function databaseBytes(path: string): number {
	return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/**
 * Puts a closed database aside under a name that sorts by time, and deletes the oldest of those put aside.
 *
 * @returns the new path: `ingero.db` becomes `ingero.20261125T041500123Z.3fa9c1.db`
 */
export function putAside(path: string, keep: number, now: Date): string {
	const extension = extname(path);
	const stem = basename(path, extension);
	const stamp = now.toISOString().replace(/[-:.]/g, '');
	const aside = join(dirname(path), `${stem}.${stamp}.${randomBytes(3).toString('hex')}${extension}`);
	renameSync(path, aside);
	for (const old of rolledFiles(path).slice(keep)) {
		for (const suffix of ['', ...SIDECARS]) rmSync(old + suffix, { force: true });
	}
	return aside;
}

/** Databases put aside, the newest first. */
export function rolledFiles(path: string): string[] {
	const extension = extname(path);
	const stem = basename(path, extension);
	const isRolled = (name: string) => {
		const middle = name.slice(stem.length, name.length - extension.length);
		return name.startsWith(stem) && name.endsWith(extension) && /^\.\d{8}T\d{9}Z\.[0-9a-f]{6}$/.test(middle);
	};
	return readdirSync(dirname(path))
		.filter(isRolled)
		.sort()
		.reverse()
		.map((name) => join(dirname(path), name));
}
