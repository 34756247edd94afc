import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { UsageError } from '../errors';

/** The largest number of a user; the one above means "none". */
const MAX_UID = 2 ** 32 - 2;

/**
 * The user id that `--user` asks for.
 *
 * @param user a name, or a number, which need not be known here: a container's users often are not
 * @throws UsageError when there is no such user
 */
export function userId(user: string): number {
	if (/^\d+$/.test(user) && Number(user) <= MAX_UID) return Number(user);
	const uid = accounts().find(({ name }) => name === user)?.uid ?? askedOfSystem(user);
	if (uid === undefined) {
		throw new UsageError(`--user ${user}: no such user here; give a name that "id" knows, or a number`);
	}
	return uid;
}

/** Name of a user for people; the number where it has none. */
export function userName(uid: number): string {
	return accounts().find((account) => account.uid === uid)?.name ?? String(uid);
}

function accounts(): { readonly name: string; readonly uid: number }[] {
	let text: string;
	try {
		text = readFileSync('/etc/passwd', 'utf8');
	} catch {
		return [];
	}
	return text.split('\n').flatMap((line) => {
		const [name, , uid] = line.split(':');
		return name && uid && /^\d+$/.test(uid) ? [{ name, uid: Number(uid) }] : [];
	});
}

/** Users of a directory service are in no file. */
function askedOfSystem(user: string): number | undefined {
	if (user === '') return undefined;
	const { status, stdout } = spawnSync('id', ['-u', '--', user], { encoding: 'utf8' });
	return status === 0 && /^\d+$/.test(stdout.trim()) ? Number(stdout) : undefined;
}
