import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { expectUnharmed, printedSteps, tracing, waitingLoop } from '../../helpers/loop';
import { ofType, parseLines, tally } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';

const STEPS = 200;

describe.skipIf(obstacle !== undefined)('kill -9 of the traced process', () => {
	test('leaves the agent to trace the next one, started later', async () => {
		const first = await waitingLoop('--loop', 'pipelined', '--steps', '100000');
		const agent = await tracing('--emit', 'steps');
		first.start();
		await printedSteps(agent, first, 50);
		first.child.kill('SIGKILL');
		await once(first.child, 'exit');

		const second = await waitingLoop('--loop', 'eager', '--steps', String(STEPS));
		second.start();
		await printedSteps(agent, second, STEPS);
		await expectUnharmed(second, STEPS);
		const { code, stdout } = await agent.stop();
		expect(code).toBe(0);
		const messages = parseLines(stdout);
		const steps = ofType(messages, 'inference_step');
		expect(steps.filter(({ pid }) => pid === BigInt(second.pid)).length).toBe(STEPS);
		const events = tally(messages.at(-1)?.events);
		expect(events.produced).toBe(events.delivered + events.sampledOut + events.dropped);
	});

	test('is no end for a session that was told to watch it', async () => {
		const loop = await waitingLoop('--steps', '100000');
		const agent = await tracing('--emit', 'steps', '--pid', String(loop.pid));
		loop.start();
		await printedSteps(agent, loop, 50);
		loop.child.kill('SIGKILL');
		await once(loop.child, 'exit');
		await new Promise((resolve) => setTimeout(resolve, 500));
		expect(agent.child.exitCode).toBeNull();
		const { code, stdout, stderr } = await agent.stop();
		expect(code).toBe(0);
		expect(parseLines(stdout).at(-1)?.type).toBe('summary');
		expect(stderr).not.toMatch(/Error|\bat .+:\d+:\d+/);
	});

	test('of two leaves the other one watched', async () => {
		const [victim, survivor] = await Promise.all([
			waitingLoop('--loop', 'graph', '--steps', '100000'),
			waitingLoop('--loop', 'graph', '--steps', String(STEPS)),
		]);
		const agent = await tracing('--emit', 'steps', '--pid', `${victim.pid},${survivor.pid}`);
		victim.start();
		await printedSteps(agent, victim, 10);
		survivor.start();
		await printedSteps(agent, survivor, 10);
		victim.child.kill('SIGKILL');
		await printedSteps(agent, survivor, STEPS);
		await expectUnharmed(survivor, STEPS);
		expect((await agent.stop()).code).toBe(0);
	});
});
