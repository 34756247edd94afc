import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { heldBy, remaining } from '../../helpers/kernel-objects';
import { expectUnharmed, printedSteps, tracing, waitingLoop } from '../../helpers/loop';
import { type Message, ofType, parseLines, tally, total } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { type Finished, RunningIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const STEPS = 200;

describe.skipIf(obstacle !== undefined)('a session', () => {
	test.each(['SIGINT', 'SIGTERM'] as const)(
		'ends on %s with its summary, and leaves nothing behind',
		async (signal) => {
			const loop = await waitingLoop('--loop', 'pipelined', '--steps', String(STEPS));
			const path = join(folder, `${signal}.db`);
			const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps,outliers', '--record', '--db', path);
			loop.start();
			await printedSteps(agent, loop, STEPS);
			const held = heldBy(agent.pid);
			const finished = await agent.stop(signal);
			expectSummary(finished, STEPS);
			expect(await remaining(held)).toEqual([]);
			await expectUnharmed(loop, STEPS);

			using database = new DatabaseSync(path);
			expect(database.prepare('SELECT count(*) AS steps FROM steps').get()).toEqual({ steps: STEPS });
			expect(database.prepare('SELECT stopped_at > started_at AS ended FROM sessions').get()).toEqual({ ended: 1 });
		},
	);

	test('ends at once on a second Ctrl-C, whatever it waits for', async () => {
		const loop = await waitingLoop('--steps', '100000');
		const path = join(folder, 'locked.db');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--record', '--db', path);
		loop.start();
		await printedSteps(agent, loop, 10);
		const held = heldBy(agent.pid);
		using database = new DatabaseSync(path);
		// Nobody else can write while this lasts, nor put an end to a session.
		database.exec('BEGIN IMMEDIATE');
		const again = setInterval(() => agent.child.kill('SIGINT'), 100);
		const { signal } = await agent.finished;
		clearInterval(again);
		expect(signal).toBe('SIGINT');
		expect(await remaining(held)).toEqual([]);
		database.exec('ROLLBACK');
		expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
	});

	test('ends by itself after --duration', async () => {
		const loop = await waitingLoop('--steps', '100000');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--duration', '1500ms');
		loop.start();
		const finished = await agent.finished;
		expectSummary(finished);
		expect(ofType(parseLines(finished.stdout), 'inference_step').length).toBeGreaterThan(10);
	});

	test('does not take a month for no time at all', async () => {
		const loop = await waitingLoop('--steps', String(STEPS));
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--duration', '1000h');
		loop.start();
		await printedSteps(agent, loop, STEPS);
		expectSummary(await agent.stop(), STEPS);
		expect(agent.stderr).not.toMatch(/warning/i);
	});

	test('ends when nobody reads it any more, with its database whole', async () => {
		const loop = await waitingLoop('--steps', '100000');
		const path = join(folder, 'unread.db');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--record', '--db', path);
		loop.start();
		await printedSteps(agent, loop, 20);
		const held = heldBy(agent.pid);
		agent.child.stdout.destroy();
		const { code, stderr } = await agent.finished;
		expect(code).toBe(0);
		expect(stderr).not.toMatch(/EPIPE|\bat .+:\d+:\d+/);
		expect(await remaining(held)).toEqual([]);
		using database = new DatabaseSync(path);
		expect(database.prepare('SELECT stopped_at > started_at AS ended FROM sessions').get()).toEqual({ ended: 1 });
	});

	test('sees every step of a process that was stopped and went on', async () => {
		const loop = await waitingLoop('--loop', 'pipelined', '--steps', String(STEPS));
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps');
		loop.start();
		await printedSteps(agent, loop, 60);
		loop.child.kill('SIGSTOP');
		await sleep(700);
		loop.child.kill('SIGCONT');
		await printedSteps(agent, loop, STEPS);
		await expectUnharmed(loop, STEPS);
		expectSummary(await agent.stop(), STEPS);
	});

	test('that cannot begin leaves nothing in the kernel', async () => {
		const loop = await waitingLoop('--steps', '10');
		const agent = new RunningIngero(['trace', '--inference', '--pid', String(loop.pid), '--db', folder]);
		const { code, stdout, stderr } = await agent.finished;
		expect([code, stdout]).toEqual([2, '']);
		expect(stderr).toMatch(/^ingero: .+\n$/);
		expect(stderr).toContain(folder);
		loop.start();
		await expectUnharmed(loop, 10);
	});
});

function expectSummary({ code, stdout }: Finished, steps?: number): void {
	expect(code).toBe(0);
	const messages = parseLines(stdout);
	const summary = messages.at(-1) as Message;
	expect(ofType(messages, 'summary')).toEqual([summary]);
	expect(total(summary.steps)).toBe(BigInt(steps ?? ofType(messages, 'inference_step').length));
	const events = tally(summary.events);
	expect(events.produced).toBe(events.delivered + events.sampledOut + events.dropped);
	expect(events.produced).toBeGreaterThan(0n);
}
