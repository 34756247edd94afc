import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startServingLoop } from '@ingero/fixture-cuda-standin';
import type { CompletedLedger } from '@ingero/steps';
import { expect, it } from 'vitest';
import { EVENT_PID, EVENT_TID, EVENT_WORDS } from '../src/decode/layout';
import { differences, sumOf } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { Watch } from './helpers/watch';
import { loopSuite, watchLoop } from './helpers/watched-loop';

const LOOPS = [
	...['eager', 'graph', 'pipelined', 'nine-sync', 'multi-stream'],
	...['eager --threads 3', 'pipelined --threads 2'],
];
const QUICK = ['--steps', '150', '--decode-us', '300', '--prefill-us', '900'];
/** What other threads do at the end of a step may count for this step or the next one; at the end of a run, for none. */
const OF_OTHERS = ['otherCopiedBytes', 'siblingRunQueueNs'] as const;

/** Steps of a loop that shares its CPU with a program that never sleeps; and what the scheduler says of it. */
async function shareCpu(): Promise<{ ledgers: CompletedLedger[]; runDelayNs: number }> {
	const loop = startServingLoop([
		...['--loop', 'eager', '--steps', '60', '--host-us', '4000', '--decode-us', '300'],
		...['--linger-ms', '60000', '--wait-for-stdin'],
	]);
	const hog = spawn('sh', ['-c', 'while :; do :; done']);
	try {
		await loop.hello;
		for (const { pid } of [loop, hog]) execFileSync('taskset', ['-p', '-c', '0', String(pid)]);
		await using watch = new Watch({ pids: [loop.pid] });
		await watch.attached();
		const before = runDelayNs(loop.pid);
		loop.start();
		await watch.until(() => watch.ledgers.length === 60, 'the steps of the loop');
		const after = runDelayNs(loop.pid);
		await watch.stop();
		return { ledgers: watch.ledgers, runDelayNs: after - before };
	} finally {
		loop.child.kill('SIGKILL');
		hog.kill('SIGKILL');
	}
}

/** How long the main thread of a process has been ready to run without a CPU, ns: the scheduler's own count. */
function runDelayNs(pid: number): number {
	return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]);
}

/** Threads of a process among raw events. */
function threadsOf(batches: Watch['batches'], pid: number): Set<number> {
	const tids = new Set<number>();
	for (const { words, count } of batches) {
		for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
			if (words[at + EVENT_PID] === pid) tids.add(words[at + EVENT_TID] as number);
		}
	}
	return tids;
}

describeKernel('the evidence of live steps', () => {
	const loops = LOOPS.map((loop) => [loop, ['--loop', ...loop.split(' '), ...QUICK]]);
	const seen = loopSuite(Object.fromEntries(loops), { admission: 1 });

	it.each(LOOPS)('is that of the raw events of the same run: %s', (loop) => {
		const { watch } = seen(loop);
		const rebuilt = rebuild(watch);
		expect(watch.ledgers.length).toBe(150);
		for (const [i, { evidence }] of watch.ledgers.entries()) {
			const expected = rebuilt[i]?.evidence;
			expect(evidence === undefined).toBe(expected === undefined);
			if (evidence === undefined || expected === undefined) continue;
			// A thread may be switched between the probe's look at the clock and at what it has slept.
			for (const [name, difference] of differences(evidence, expected, OF_OTHERS)) {
				expect(`${name} ${difference <= 0.01 * evidence.spanNs}`).toBe(`${name} true`);
			}
		}
		for (const name of OF_OTHERS) {
			const total = sumOf(rebuilt, name);
			expect(Math.abs(sumOf(watch.ledgers, name) - total)).toBeLessThanOrEqual(0.25 * total);
		}
	});

	it('says how long a loop that shares its CPU waited for it, as the scheduler does', async () => {
		const { ledgers, runDelayNs } = await shareCpu();
		const readyNs = sumOf(ledgers, 'runQueueNs') + sumOf(ledgers, 'waitRunQueueNs');
		expect(ledgers.filter(({ evidence }) => evidence === undefined).length).toBe(1);
		// Two that always want the CPU get a half each; the scheduler's count includes the first step.
		expect(readyNs).toBeGreaterThan(0.3 * sumOf(ledgers, 'spanNs'));
		expect(Math.abs(readyNs - runDelayNs)).toBeLessThan(0.15 * runDelayNs);
	});

	it('tells a lock that a thread without CUDA holds, and so does a replay', async () => {
		const slow = ['--slow-by', 'lock', '--slow-every', '10', '--slow-after', '20', '--slow-factor', '8'];
		const { watch, labels, pid } = await watchLoop(['--loop', 'eager', ...QUICK, ...slow], { admission: 1 });
		for (const ledgers of [watch.ledgers, rebuild(watch)]) {
			const locked = ledgers.filter((_, step) => labels[step]?.slow);
			expect(locked.length).toBeGreaterThan(10);
			// The lock is held for 7 times 300 us. Where its holder has only this thread's CPU, that is a wait for the CPU.
			const lockNs = sumOf(locked, 'lockNs');
			expect((lockNs + sumOf(locked, 'behindSiblingNs')) / locked.length).toBeGreaterThan(1_000_000);
			expect(sumOf(ledgers, 'lockNs') - lockNs).toBeLessThan(0.1 * lockNs);
		}
		// The holder is in the capture, and in nothing else.
		expect(threadsOf(watch.batches, pid).size).toBe(2);
		expect(new Set(watch.ledgers.map(({ tid }) => tid))).toEqual(new Set([pid]));
	});

	it('counts the launches of other processes', async () => {
		const args = ['--loop', 'eager', '--steps', '100', '--wait-for-stdin'];
		const loops = [startServingLoop(args), startServingLoop(args)];
		try {
			const pids = await Promise.all(loops.map(async ({ hello }) => (await hello).pid));
			await using watch = new Watch({ pids, admission: 1 });
			await watch.attached();
			for (const loop of loops) loop.start();
			await watch.until(() => watch.ledgers.length === 200, 'the steps of both loops');
			await watch.stop();
			const foreign = sumOf(watch.ledgers, 'foreignLaunches');
			const launches = watch.ledgers.reduce((sum, ledger) => sum + ledger.launches, 0);
			// Either sees the other's, but for those of its first steps.
			expect(foreign).toBeGreaterThan(0.5 * launches);
			expect(foreign).toBeLessThanOrEqual(launches);
			expect(Math.abs(foreign - sumOf(rebuild(watch), 'foreignLaunches'))).toBeLessThan(0.05 * foreign);
		} finally {
			for (const { child } of loops) child.kill('SIGKILL');
		}
	});
});
