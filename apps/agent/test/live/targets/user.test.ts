import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { paths, startServingLoop } from '@ingero/fixture-cuda-standin';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { printedSteps, waitingLoop } from '../../helpers/loop';
import { ofType, parseLines, tally } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { expectRefusal } from '../../helpers/refusal';
import { RunningIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const NOBODY = 65534;
const STEPS = 60;
const LOOP = ['--loop', 'eager', '--decode-us', '1000', '--prefill-us', '3000', '--steps', String(STEPS)];
const TRACE = ['trace', '--inference', '--record=false', '--emit', 'steps'];
const folder = temporaryFolder();

/** A serving loop of another user, where that one may read it, waiting for `start`. */
async function loopOfNobody(): Promise<{ readonly pid: number; start(): void; readonly ended: Promise<unknown> }> {
	const args = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', join(folder, 'bin/serving-loop')];
	const child = spawn('setpriv', [...args, ...LOOP, '--wait-for-stdin'], { stdio: ['pipe', 'pipe', 'inherit'] });
	onTestFinished(() => {
		child.kill('SIGKILL');
	});
	await once(child.stdout, 'data');
	child.stdout.resume();
	return { pid: child.pid as number, start: () => child.stdin.write('\n'), ended: once(child, 'exit') };
}

describe.skipIf(obstacle !== undefined)('--user', () => {
	beforeAll(() => {
		cpSync(dirname(dirname(paths.servingLoop)), folder, { recursive: true });
		chmodSync(folder, 0o755);
	});

	test.each([String(NOBODY), 'nobody'])(
		'shows the processes of that user, later ones too, and nobody else (%s)',
		async (user) => {
			const others = await waitingLoop('--steps', String(STEPS));
			const early = await loopOfNobody();
			const agent = new RunningIngero([...TRACE, '--user', user]);
			await agent.until('stderr', (text) => text.includes('functions probed'));
			others.start();
			early.start();
			await printedSteps(agent, early, STEPS);
			const late = await loopOfNobody();
			late.start();
			await printedSteps(agent, late, STEPS);
			await Promise.all([early.ended, late.ended, others.done]);

			const messages = parseLines((await agent.stop()).stdout);
			const pids = new Set(ofType(messages, 'inference_step').map(({ pid }) => Number(pid)));
			expect([...pids].sort()).toEqual([early.pid, late.pid].sort());
			const events = tally(messages.at(-1)?.events);
			expect(events.produced).toBe(events.delivered + events.sampledOut + events.dropped);
		},
	);

	test('who is nobody here is refused, and so is a process beside a user', async () => {
		const { child } = startServingLoop(['--wait-for-stdin']);
		onTestFinished(() => {
			child.kill('SIGKILL');
		});
		await expectRefusal([...TRACE, '--user', 'no-such-user'], { names: 'no-such-user', advises: 'number' });
		await expectRefusal(['record', '-o', join(folder, 'x.igr'), '--user', 'no-such-user'], {
			names: 'no-such-user',
			advises: 'number',
		});
		await expectRefusal([...TRACE, '--user', 'root', '--pid', String(child.pid)], {
			names: '--user and --pid',
			advises: 'one or the other',
		});
	});
});
