import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openReadOnly } from '@ingero/store/read';
import { describe, expect, test } from 'vitest';
import { pathOf } from '../../helpers/recordings';
import { INGERO, replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const recording = pathOf('h100-serving-a');
const shell = promisify(execFile);

/** Runs `ingero … | reader`; the last line is ingero's own exit code. */
async function piped(
	args: readonly string[],
	reader: string,
): Promise<{ read: string[]; code: number; stderr: string }> {
	const script = `{ "$0" "$@"; echo $? >&3; } 3>"$CODE" | ${reader}; cat "$CODE"`;
	const env = { ...process.env, CODE: join(folder, 'code') };
	const { stdout, stderr } = await shell('sh', ['-c', script, process.execPath, INGERO, ...args], { env });
	const lines = stdout.trimEnd().split('\n');
	return { read: lines.slice(0, -1), code: Number(lines.at(-1)), stderr };
}

describe.skipIf(process.platform === 'win32')('a reader that leaves', () => {
	test.each([
		[['replay', recording, '--inference', '--emit', 'steps,events']],
		[['replay', recording, '--inference', '--json=false']],
		[['replay', recording, '--inference', '--emit', 'events', '--speed', '1']],
		[['check']],
		[['--help']],
	])('ends %s without a word', async (args) => {
		const { read, code, stderr } = await piped(args, 'head -1');
		expect(read.length).toBe(1);
		expect(code).toBe(0);
		expect(stderr).toBe('');
	});

	test('leaves the database whole', async () => {
		const path = join(folder, 'left.db');
		const { code } = await piped(['replay', recording, '--inference', '--emit', 'steps', '--db', path], 'head -1');
		expect(code).toBe(0);
		await using store = openReadOnly(path);
		const { stopped_at } = await store.db.selectFrom('sessions').select('stopped_at').executeTakeFirstOrThrow();
		expect(Number(stopped_at)).toBeGreaterThan(0);
	});
});

test.skipIf(process.platform === 'win32')('a slow reader gets everything', async () => {
	const args = ['replay', recording, '--inference', '--emit', 'steps'];
	const { read, code } = await piped(args, '{ sleep 0.5; cat; }');
	expect(code).toBe(0);
	expect(read.at(-1)).toMatch(/^\{"type":"summary".*\}$/);
	expect(read).toEqual((await replay(recording, '--emit', 'steps')).trimEnd().split('\n'));
});
