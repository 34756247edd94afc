import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callEvents, driverCalls } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';

/** A user whom nobody else on this machine is likely to be. */
const UID = 54_321;
const STEPS = 20;

let folder: string;
let children: ChildProcessWithoutNullStreams[];

beforeEach(() => {
	children = [];
	folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
	cpSync(dirname(dirname(paths.servingLoop)), folder, { recursive: true });
	chmodSync(folder, 0o755);
});

afterEach(() => {
	for (const child of children) child.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

/** A loop of that user, waiting to begin. */
async function startLoop(): Promise<ChildProcessWithoutNullStreams & { readonly pid: number }> {
	const args = ['--loop', 'eager', '--steps', String(STEPS), '--wait-for-stdin'];
	const child = spawn(join(folder, 'bin/serving-loop'), args, { uid: UID, gid: UID });
	children.push(child);
	await once(child.stdout, 'data');
	return child as ChildProcessWithoutNullStreams & { readonly pid: number };
}

describeKernel('processes of a user', () => {
	it('are seen from their first call on, and nobody else is, in counters neither', async () => {
		const library = join(folder, 'lib/libcuda.so.1');
		await using other = await Target.start(library);
		const early = await startLoop();
		await using watch = new Watch({ uids: [UID], admission: 1 });
		await watch.attached(library);
		await other.ask('step 9');
		early.stdin.write('\n');
		await watch.until(() => watch.exits.includes(early.pid), 'the end of the first loop');
		const late = await startLoop();
		late.stdin.write('\n');
		await watch.until(() => watch.exits.includes(late.pid), 'the end of the second loop');
		await other.ask('step 9');

		const losses = await watch.stop();
		expect(watch.ledgers.map(({ pid }) => pid)).toEqual([
			...Array(STEPS).fill(early.pid),
			...Array(STEPS).fill(late.pid),
		]);
		expect(new Set(callEvents(watch.batches).map(({ pid }) => pid))).toEqual(new Set([early.pid, late.pid]));
		expect(driverCalls(watch.batches).length).toBe(losses.produced);
	});
});
