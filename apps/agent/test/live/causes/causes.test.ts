import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { printedSteps, tracing, waitingLoop } from '../../helpers/loop';
import { linesOfType } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
/** Before this step the loop is left alone, so that its baselines are learnt. */
const LEARNT = 400;

const hogs = new Set<ChildProcess>();
afterEach(() => {
	for (const hog of hogs) hog.kill('SIGKILL');
	hogs.clear();
});

/** Keeps a CPU busy for a while. */
async function hogCpu(cpu: number, ms: number): Promise<void> {
	const hog = spawn('taskset', ['-c', String(cpu), 'sh', '-c', 'while :; do :; done']);
	hogs.add(hog);
	await sleep(ms);
	hog.kill('SIGKILL');
}

/** The causes of the outliers in the output of a session, each with its number. */
function causesIn(output: string): Map<string, number> {
	const causes = new Map<string, number>();
	for (const line of linesOfType(output, 'inference_outlier')) {
		const name: string = JSON.parse(line).cause?.name ?? 'none';
		causes.set(name, (causes.get(name) ?? 0) + 1);
	}
	return causes;
}

function shareOf(name: string, causes: ReadonlyMap<string, number>): number {
	return (causes.get(name) ?? 0) / [...causes.values()].reduce((sum, count) => sum + count, 0);
}

describe.skipIf(obstacle !== undefined)('a slow step is put down to', () => {
	test('a program that takes its CPU away, live and in the replay', async () => {
		const steps = 1000;
		const loop = await waitingLoop('--loop', 'eager', '--host-us', '2000', '--steps', String(steps));
		execFileSync('taskset', ['-p', '-c', '0', String(loop.pid)]);
		const path = join(folder, 'cpu.igr');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps,outliers', '--capture', path);
		loop.start();
		await printedSteps(agent, loop, LEARNT);
		for (let times = 0; times < 5; times++) {
			await hogCpu(0, 100);
			await sleep(150);
		}
		await printedSteps(agent, loop, steps);
		const { stdout } = await agent.stop();

		const causes = causesIn(stdout);
		expect(causes.get('cpu_contention')).toBeGreaterThanOrEqual(5);
		expect(shareOf('cpu_contention', causes)).toBeGreaterThan(0.7);
		expect(causesIn(await replay(path, '--emit', 'outliers'))).toEqual(causes);
	});

	test('a lock that another thread holds, live and in the replay', async () => {
		const steps = 1200;
		const slow = ['--slow-by', 'lock', '--slow-every', '40', '--slow-after', String(LEARNT), '--slow-factor', '8'];
		const loop = await waitingLoop('--loop', 'eager', '--steps', String(steps), ...slow);
		const path = join(folder, 'lock.igr');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps,outliers', '--capture', path);
		loop.start();
		await printedSteps(agent, loop, steps);
		const { stdout } = await agent.stop();
		const { labels } = await loop.done;

		const causes = causesIn(stdout);
		// Where the machine is busy, the holder of the lock may have to wait for a CPU itself, which is the cause then.
		expect(causes.get('lock_wait')).toBeGreaterThan(0.5 * labels.filter(({ slow }) => slow).length);
		expect(causesIn(await replay(path, '--emit', 'outliers'))).toEqual(causes);
	});
});
