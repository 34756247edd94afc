import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { heldBy, remaining } from '../../helpers/kernel-objects';
import { expectUnharmed, printedSteps, tracing, waitingLoop } from '../../helpers/loop';
import { ofType, parseLines } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { pathOf } from '../../helpers/recordings';
import { RunningIngero, replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const LOOPS = ['eager', 'graph', 'pipelined', 'nine-sync', 'multi-stream'];
const STEPS = 500;
/** INGERO_LONG=1 kills a hundred times. */
const KILLS = process.env.INGERO_LONG === '1' ? 100 : 5;

describe.skipIf(obstacle !== undefined)('kill -9 of the agent', () => {
	test.each(Array.from({ length: KILLS }, (_, i) => i))('while a loop runs (%d)', async (i) => {
		const loop = await waitingLoop('--loop', LOOPS[i % LOOPS.length] as string, '--steps', String(STEPS));
		const path = join(folder, `killed ${i}.db`);
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--db', path, '--record');
		loop.start();
		await printedSteps(agent, loop, 1);
		const afterMs = Math.random() * 500;
		console.log(`killed ${afterMs.toFixed(0)} ms after the first step`);
		await sleep(afterMs);
		const committed = countSteps(path);
		const held = heldBy(agent.pid);
		const { signal, stdout } = await agent.stop('SIGKILL');
		expect(signal).toBe('SIGKILL');

		expect([...held].filter((object) => object.startsWith('link')).length).toBeGreaterThan(2);
		expect(await remaining(held)).toEqual([]);
		await expectUnharmed(loop, STEPS);

		using database = new DatabaseSync(path);
		expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
		const rows = database.prepare('SELECT step_id, end_ns, phase FROM steps ORDER BY step_id').all();
		expect(rows.length).toBeGreaterThanOrEqual(committed);
		// A step is printed when it is handed to the database: nothing is in one and not in the other, up to where both go.
		const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
		const printed = ofType(parseLines(whole), 'inference_step');
		const both = Math.min(rows.length, printed.length);
		expect(rows.slice(0, both).map(({ step_id, end_ns, phase }) => [Number(step_id), Number(end_ns), phase])).toEqual(
			printed.slice(0, both).map(({ end_ns, phase }, at) => [at + 1, Number(end_ns), phase]),
		);
	});

	test('while it starts', async () => {
		for (const afterMs of [50, 150, 250, 350, 450]) {
			const loop = await waitingLoop('--steps', '800');
			loop.start();
			const path = join(folder, `killed at start ${afterMs}.db`);
			const agent = new RunningIngero(['trace', '--inference', '--pid', String(loop.pid), '--db', path]);
			await sleep(afterMs);
			const held = heldBy(agent.pid);
			await agent.stop('SIGKILL');
			expect(await remaining(held)).toEqual([]);
			await expectUnharmed(loop, 800);
			// Whatever there is of a database, the next session goes on in it.
			await replay(pathOf('h100-vllm-a'), '--pid', '1', '--db', path);
		}
	});

	test('while it ends', async () => {
		for (const afterMs of [0, 20, 60, 120, 240]) {
			const loop = await waitingLoop('--steps', '400');
			const path = join(folder, `killed at end ${afterMs}.db`);
			const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--db', path, '--record');
			loop.start();
			await printedSteps(agent, loop, 20);
			const held = heldBy(agent.pid);
			agent.child.kill('SIGINT');
			await sleep(afterMs);
			await agent.stop('SIGKILL');
			expect(await remaining(held)).toEqual([]);
			await expectUnharmed(loop, 400);
			using database = new DatabaseSync(path);
			expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
		}
	});

	test('leaves a recording that replays up to the last write', async () => {
		const loop = await waitingLoop('--loop', 'pipelined', '--steps', '2000');
		const path = join(folder, 'killed.igr');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--capture', path);
		loop.start();
		await printedSteps(agent, loop, 1000);
		const { stdout } = await agent.stop('SIGKILL');
		const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
		const printed = ofType(parseLines(whole), 'inference_step').map(({ end_ns }) => end_ns);
		const replayed = ofType(parseLines(await replay(path, '--emit', 'steps')), 'inference_step').map(
			(step) => step.end_ns,
		);
		expect(replayed.length).toBeGreaterThan(0);
		expect(printed.slice(0, replayed.length)).toEqual(replayed);
	});
});

/** Rows that another process can see, which are those that are committed. */
function countSteps(path: string): number {
	if (!existsSync(path)) return 0;
	using database = new DatabaseSync(path, { readOnly: true });
	return Number(database.prepare('SELECT count(*) AS steps FROM steps').get()?.steps);
}
