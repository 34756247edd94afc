import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { paths, type TangleCalls, type TangleDoneLine, type TangleProcessLine } from '@ingero/fixture-cuda-standin';
import { type CompletedLedger, type LossLedger, unexplained } from '@ingero/steps';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProbeSessionOptions } from '../src/index';
import { callEvents } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { Watch } from './helpers/watch';

const LAUNCHES = /^cuLaunchKernel/;
const COPIES = /^cuMemcpy/;
const DRIVER = /^cu[A-Z]/;

type Line = { readonly type: 'hello'; readonly pid: number } | TangleProcessLine | TangleDoneLine;

interface Tangled {
	readonly watch: Watch;
	readonly losses: LossLedger;
	readonly processes: readonly TangleProcessLine[];
	readonly jumps: number;
}

/** A user whom nobody else on this machine is likely to be: its children's numbers are not known before they are there. */
const UID = 54_322;

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
	cpSync(dirname(dirname(paths.tangle)), folder, { recursive: true });
	chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Lets it do its worst under probes that are there before its first call. */
async function tangle(args: readonly string[], options: ProbeSessionOptions): Promise<Tangled> {
	const child = spawn(join(folder, 'bin/tangle'), [...args, '--wait-for-stdin'], {
		stdio: ['pipe', 'pipe', 'inherit'],
		uid: UID,
		gid: UID,
	});
	const ended = once(child, 'close');
	const lines: Line[] = [];
	try {
		const output = createInterface(child.stdout);
		await once(
			output.on('line', (line) => lines.push(JSON.parse(line))),
			'line',
		);
		await using watch = new Watch({ uids: [UID], admission: 1, ...options });
		await watch.until(() => watch.session.cudaProcesses.includes(child.pid as number), 'the program');
		child.stdin.write('\n');
		await ended;
		expect(child.exitCode).toBe(0);
		const processes = lines.filter((line) => line.type === 'process');
		await watch.until(() => processes.every(({ pid }) => watch.exits.includes(pid)), 'the ends of all processes');
		const losses = await watch.stop();
		return { watch, losses, processes, jumps: lines.find((line) => line.type === 'done')?.jumps ?? 0 };
	} finally {
		child.kill('SIGKILL');
	}
}

type Sums = Pick<
	CompletedLedger,
	'launches' | 'graphLaunches' | 'gridBlocks' | 'memcpyBytes' | 'hostToDeviceBytes' | 'deviceToHostBytes'
>;

/** What the program counted of one process, as its ledgers should have it. */
function countOf({ calls }: TangleProcessLine): Sums {
	const sum = (name: RegExp, value: (calls: TangleCalls) => number) =>
		calls.filter((row) => name.test(row.function)).reduce((total, row) => total + value(row), 0);
	return {
		// What was captured was not executed.
		launches: sum(LAUNCHES, (row) => row.calls - row.captured),
		graphLaunches: sum(/^cuGraphLaunch$/, (row) => row.calls),
		gridBlocks: sum(LAUNCHES, (row) => row.blocks),
		memcpyBytes: sum(COPIES, (row) => row.bytes),
		hostToDeviceBytes: sum(/^cu.*HtoD/, (row) => row.bytes),
		deviceToHostBytes: sum(/^cu.*DtoH/, (row) => row.bytes),
	};
}

function sumOf(ledgers: readonly CompletedLedger[], pid: number): Sums {
	const sums = {
		launches: 0,
		graphLaunches: 0,
		gridBlocks: 0,
		memcpyBytes: 0,
		hostToDeviceBytes: 0,
		deviceToHostBytes: 0,
	};
	for (const ledger of ledgers.filter((own) => own.pid === pid)) {
		for (const key of Object.keys(sums) as (keyof Sums)[]) sums[key] += ledger[key];
	}
	return sums;
}

/**
 * Of a process of several threads, what no order of theirs changes. A read-back completes a step if work is behind it: one
 * whose work another thread's took with it completes none, and its bytes are of no step.
 */
const launchesOf = ({ launches, graphLaunches }: Sums) => ({ launches, graphLaunches });

const plain = (name: string) => name.replace(/_ptsz$/, '');

describeKernel('two threads on four streams, with calls in calls, jumps, signals, forks and wrappers', () => {
	it.each([
		{ seed: 1, runtime: false },
		{ seed: 2, runtime: true },
		{ seed: 3, runtime: true },
	])(
		'are in ledgers that add up to what was called, and each call has an end: seed $seed, runtime $runtime',
		async ({ seed, runtime }) => {
			const { watch, losses, processes, jumps } = await tangle(['--seed', String(seed), '--rounds', '150'], {
				runtime,
			});
			const roles = ['forked', 'executed', 'wrapped'];
			expect(processes.map(({ role }) => role)).toEqual([...roles, ...roles, 'main']);
			expect(losses.ledgers.dropped).toMatchObject({ ledger_ring_full: 0, no_ledger_slot: 0, late: 0 });
			const rebuilt = rebuild(watch);
			for (const process of processes) {
				const kernel = sumOf(watch.ledgers, process.pid);
				const builder = sumOf(rebuilt, process.pid);
				const counted = countOf(process);
				if (process.role === 'main') {
					expect([launchesOf(kernel), launchesOf(builder)]).toEqual([launchesOf(counted), launchesOf(counted)]);
					expect(kernel.gridBlocks).toBe(builder.gridBlocks);
				} else expect([process.role, kernel, builder]).toEqual([process.role, counted, counted]);
			}

			const pids = new Set(processes.map(({ pid }) => pid));
			const rows = processes.flatMap(({ calls }) => calls).filter((row) => runtime || DRIVER.test(row.function));
			const counted = new Set(rows.map((row) => plain(row.function)));
			const seen = callEvents(watch.batches).filter(({ pid, name }) => pids.has(pid) && counted.has(name));
			const called = rows.reduce((sum, row) => sum + row.calls, 0);
			const { in_flight = 0, nesting_overflow = 0, ...others } = losses.dropped;
			// A call that was left by a jump never returns, and is told by that; what lies deeper than is followed is counted.
			expect(called - seen.length).toBe(in_flight + nesting_overflow);
			expect(in_flight).toBeGreaterThanOrEqual(jumps);
			expect(jumps).toBeGreaterThan(5);
			if (!runtime) expect(nesting_overflow).toBe(0);
			expect(others).toEqual({ ring_full: 0, no_thread_state: 0, agent_stalled: 0 });
			expect(unexplained(losses)).toBe(0);
		},
	);
});
