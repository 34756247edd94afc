import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LabelLine, paths } from '@ingero/fixture-cuda-standin';
import type { CompletedLedger } from '@ingero/steps';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeKernel } from '../helpers/kernel-suite';
import { Watch } from '../helpers/watch';

/** Whoever else uses CUDA on this machine is another user. */
const UID = 54_322;
/** Of a quiet tenant's steps, so many must be seen, whole. */
const RECALL = 0.99;
const LONG = process.env.INGERO_LONG === '1';
const STEPS = LONG ? 10_000 : 300;
/** For so long there is harm before the steps begin. */
const AHEAD_MS = LONG ? 2000 : 500;
const MODES = ['--absurd-dims', '--bad-pointers', '--streams', '--events', '--threads', '--forks=20', '--elf'];
/** What it pays for its own calls must not cost the other one its probes. */
const CASES = [...MODES.map((mode) => ({ mode, maxOverhead: 0 })), { mode: '--absurd-dims', maxOverhead: 0.05 }];

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
	children = [];
	folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
	chmodSync(folder, 0o777);
	cpSync(dirname(dirname(paths.hostile)), join(folder, 'standin'), { recursive: true });
});

afterEach(() => {
	for (const child of children) child.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});

async function start(program: string, ...args: string[]): Promise<ChildProcessByStdio<Writable, Readable, null>> {
	const path = join(folder, 'standin/bin', basename(program));
	const child = spawn(path, args, { uid: UID, gid: UID, stdio: ['pipe', 'pipe', 'inherit'] });
	children.push(child);
	await once(child.stdout, 'data');
	return child;
}

/** Plays a loop to its end. */
async function play(loop: ChildProcessByStdio<Writable, Readable, null>): Promise<LabelLine[]> {
	let text = '';
	loop.stdout.setEncoding('utf8').on('data', (part) => {
		text += part;
	});
	loop.stdin.write('\n');
	await once(loop, 'close');
	return text
		.split('\n')
		.filter((line) => line.includes('"type":"label"'))
		.map((line) => JSON.parse(line));
}

/** Share of the labelled steps that have a ledger which is theirs, with all their launches unless these were not watched. */
function recall(labels: readonly LabelLine[], ledgers: readonly CompletedLedger[], watch: Watch): number {
	const launches = { prefill: 250, decode: 8 } as const;
	const ends = ledgers.map((ledger) => ({ ledger, endNs: Number(watch.clock.absolute(ledger.completedNs)) }));
	const seen = labels.filter(({ t0, t1, phase }) =>
		ends.some(
			({ ledger, endNs }) =>
				endNs > t0 &&
				endNs <= t1 &&
				(ledger.launchesUnseen || ledger.launches === launches[phase as 'prefill' | 'decode']),
		),
	);
	return seen.length / labels.length;
}

describeKernel('beside a process that means harm', () => {
	it.each(CASES)(
		'a quiet one is seen as if it were alone: $mode, limit $maxOverhead',
		async ({ mode, maxOverhead }) => {
			const broken = join(folder, 'broken');
			mkdirSync(broken, { mode: 0o777 });
			chmodSync(broken, 0o777);
			const quiet = await start(paths.servingLoop, '--loop', 'eager', '--steps', String(STEPS), '--wait-for-stdin');
			await using watch = new Watch({ uids: [UID], events: false, maxOverhead });
			await watch.attached();
			const hostile = await start(paths.hostile, mode === '--elf' ? `--elf=${broken}` : mode);
			// The governor takes two seconds to step down.
			await sleep(maxOverhead > 0 ? 2500 : AHEAD_MS);

			const labels = await play(quiet);
			expect(labels.length).toBe(STEPS);
			// Still there, and still looking for libraries.
			const later = join(folder, 'later/lib/libcuda.so.1');
			cpSync(join(folder, 'standin'), join(folder, 'later'), { recursive: true });
			const late = spawn(join(folder, 'later/bin/serving-loop'), ['--wait-for-stdin'], { uid: UID, gid: UID });
			children.push(late);
			await watch.attached(later);
			expect(hostile.exitCode).toBeNull();
			hostile.kill();
			await once(hostile, 'exit');

			const losses = await watch.stop();
			const own = watch.ledgers.filter(({ pid }) => pid === quiet.pid);
			const share = recall(labels, own, watch);
			console.log(
				`${mode}: ${(share * 100).toFixed(2)} % of ${labels.length} steps; ledgers dropped ${JSON.stringify(losses.ledgers.dropped)}`,
			);
			expect(share).toBeGreaterThanOrEqual(RECALL);
		},
	);
});
