import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { expectUnharmed, tracing, waitingLoop } from '../../helpers/loop';
import { obstacle } from '../../helpers/obstacle';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const STEPS = 1000;

describe.skipIf(obstacle !== undefined)('a reader that holds standard output and takes nothing', () => {
	test('does not keep the session from its work, nor from its end', async () => {
		const loop = await waitingLoop('--loop', 'pipelined', '--steps', String(STEPS));
		const path = join(folder, 'stuck.db');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--record', '--db', path);
		agent.child.stdout.pause();
		loop.start();
		await expectUnharmed(loop, STEPS);
		await expect.poll(() => countSteps(path), { timeout: 30_000 }).toBe(STEPS);
		agent.child.kill('SIGINT');
		await agent.until('stderr', (text) => text.includes('nobody reads standard output'));
		agent.child.stdout.resume();
		const { code, signal } = await agent.finished;
		expect([code, signal]).toEqual([1, null]);
	});
});

function countSteps(path: string): number {
	using database = new DatabaseSync(path, { readOnly: true });
	return Number(database.prepare('SELECT count(*) AS steps FROM steps').get()?.steps);
}
