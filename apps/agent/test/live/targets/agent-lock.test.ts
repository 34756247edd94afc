import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tracing, waitingLoop } from '../../helpers/loop';
import { obstacle } from '../../helpers/obstacle';
import { expectRefusal } from '../../helpers/refusal';
import { INGERO, runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const SECOND = [
	['trace', '--inference', '--record=false'],
	['record', '-o', join(folder, 'second.igr')],
];

describe.skipIf(obstacle !== undefined)('a second agent', () => {
	test('is told who traces this machine, and leaves it alone', async () => {
		const lock = join(folder, 'shared.lock');
		const loop = await waitingLoop('--steps', '10');
		const first = await tracing('--pid', String(loop.pid), '--lock', lock);
		for (const args of SECOND) {
			const refusal = { names: `process ${first.pid} of ${userInfo().username}`, advises: '--lock' };
			await expectRefusal([...args, '--lock', lock], refusal);
			const { stderr } = await runIngero(args, { env: { INGERO_LOCK: lock } });
			expect(stderr).toMatch(/another ingero traces this machine: process \d+ of \S+, since 2\S+Z: \S*node \S+ trace /);
		}
		expect(existsSync(join(folder, 'second.igr'))).toBe(false);
		expect(first.child.exitCode).toBeNull();
		await first.stop();
	});

	test('begins when the first has ended, however that was', async () => {
		const lock = join(folder, 'killed.lock');
		const loop = await waitingLoop('--steps', '10');
		for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
			const agent = await tracing('--pid', String(loop.pid), '--lock', lock);
			expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: agent.pid });
			await agent.stop(signal);
		}
	});

	test('with a lock of its own runs beside the first', async () => {
		const loop = await waitingLoop('--steps', '10');
		await tracing('--pid', String(loop.pid), '--lock', join(folder, 'one.lock'));
		await tracing('--pid', String(loop.pid), '--lock', join(folder, 'two.lock'));
	});

	test('that only looks needs no lock', async () => {
		const lock = join(folder, 'looking.lock');
		const loop = await waitingLoop('--steps', '10');
		await tracing('--pid', String(loop.pid), '--lock', lock);
		expect((await runIngero(['check'], { env: { INGERO_LOCK: lock } })).code).toBe(0);
	});
});

describe.skipIf(obstacle !== undefined)('the lock', () => {
	test('of the machine is one file, also for a container that shares its process numbers', () => {
		// A machine of its own, so that no other agent is in the way; the shell is its first process.
		const script = `
			mount -t tmpfs none /run
			"$@" >/dev/null 2>&1 & first=$!
			while kill -0 $first && ! [ -s /run/ingero.lock ]; do sleep 0.1; done
			unshare --mount --net sh -c 'mount -t tmpfs none /run && exec "$@"' sh "$@"
			code=$?; kill $first; wait $first; exit $code`;
		const machine = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, 'sh'];
		const agent = [process.execPath, INGERO, ...(SECOND[0] as string[])];
		const { status, stderr } = spawnSync('unshare', [...machine, ...agent], {
			env: { PATH: process.env.PATH },
			encoding: 'utf8',
		});
		expect(stderr).toMatch(
			/^ingero: another ingero traces this machine: process \d+ of \S+, since \S+ \S*node .* trace /,
		);
		expect(status).toBe(2);
	});

	test.each([
		['in a folder that is not there', join(folder, 'none', 'x.lock'), 'ENOENT'],
		['of no name', '', 'give a file'],
	])('%s is refused with the reason', async (_, lock, reason) => {
		await expectRefusal([...(SECOND[0] as string[]), '--lock', lock], { names: reason, advises: '--lock' });
	});
});
