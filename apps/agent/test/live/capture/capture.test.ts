import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectUnharmed, printedSteps, tracing, waitingLoop } from '../../helpers/loop';
import { linesOfType, parseLines, tally, total } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { takeApart } from '../../helpers/recordings';
import { RunningIngero, replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const STEPS = 300;

describe.skipIf(obstacle !== undefined)('a live session that is captured', () => {
	test.each([
		'eager',
		'eager --runtime',
		'graph',
		'pipelined',
		'nine-sync',
		'multi-stream',
		'pipelined --threads 3 --slow-every 50 --slow-after 100',
	])('replays to the same steps: %s', async (options) => {
		const loop = await waitingLoop('--loop', ...options.split(' '), '--steps', String(STEPS));
		const path = join(folder, `${options}.igr`);
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps', '--capture', path);
		loop.start();
		await printedSteps(agent, loop, STEPS);
		const { stdout } = await agent.stop();
		await loop.done;

		const live = linesOfType(stdout, 'inference_step');
		const replayed = linesOfType(await replay(path, '--emit', 'steps'), 'inference_step');
		expect(live.length).toBe(STEPS);
		// A replay does not know the cgroup of the process.
		expect(live.map((line) => line.replace(/"cgroup_path_hash":"\w*"/, '"cgroup_path_hash":""'))).toEqual(replayed);
		expectCompleteHeader(path);
	});
});

describe.skipIf(obstacle !== undefined)('record', () => {
	test('writes what replays to the steps that were played', async () => {
		const loop = await waitingLoop('--loop', 'pipelined', '--steps', String(STEPS), '--linger-ms', '600');
		const path = join(folder, 'recorded.igr');
		const recorder = new RunningIngero(['record', '-o', path, '--pid', String(loop.pid)]);
		await recorder.until('stderr', (text) => text.includes('functions probed'));
		loop.start();
		const { done } = await loop.done;
		await new Promise((resolve) => setTimeout(resolve, 300));
		const { code, stdout, stderr } = await recorder.stop();
		expect([code, stdout]).toEqual([0, '']);
		await expectUnharmed(loop, STEPS);

		const { records } = takeApart(new Uint8Array(readFileSync(path)));
		expect(stderr).toContain(`${records.length / 12} events in ${path}`);
		expectCompleteHeader(path);
		const messages = parseLines(await replay(path, '--emit', 'steps,events'));
		const summary = messages.at(-1);
		expect(total(summary?.steps)).toBe(BigInt(STEPS));
		expect(tally(summary?.events).dropped).toBe(0n);
		const calls = new Map<string, number>();
		for (const { type, op } of messages) if (type === 'event') calls.set(String(op), (calls.get(String(op)) ?? 0) + 1);
		// Every call that the loop has counted is there once.
		for (const [name, count] of Object.entries(done.calls))
			expect(`${name} ${calls.get(name)}`).toBe(`${name} ${count}`);
	});

	test('ends by itself after --duration, with or without events', async () => {
		const loop = await waitingLoop('--steps', '10');
		const path = join(folder, 'quiet.igr');
		const { finished } = new RunningIngero(['record', '-o', path, '--pid', String(loop.pid), '--duration', '500ms']);
		expect((await finished).code).toBe(0);
		expect(takeApart(new Uint8Array(readFileSync(path))).header.dropped).toBe(0);
		expect(total(parseLines(await replay(path)).at(-1)?.steps)).toBe(0n);
	});
});

function expectCompleteHeader(path: string): void {
	const { header } = takeApart(new Uint8Array(readFileSync(path)));
	expect(header).toMatchObject({ version: 1, dropped: 0, clock: 'CLOCK_MONOTONIC', workload: 'serving-loop' });
	expect(header.kernel).toMatch(/^\d+\.\d+/);
	expect(['x86_64', 'aarch64']).toContain(header.arch);
	const wallOffsetNs = Number(header.wallOffsetNs);
	const expected = Date.now() * 1e6 - Number(process.hrtime.bigint());
	expect(Math.abs(wallOffsetNs - expected)).toBeLessThan(60e9);
	const names = [...header.operations.values()].map(({ name }) => name);
	expect(names).toEqual(expect.arrayContaining(['cuLaunchKernel', 'cuMemcpyDtoHAsync_v2', 'cuEventSynchronize']));
}
