import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CONFINE, describeBpf, objectPath, processFile, TARGET, untilKernelState } from './support';

const LONG = process.env.INGERO_LONG === '1';
const run = promisify(execFile);

/** Runs a command to its end and reads the JSON that it prints. */
async function answer(command: string, ...args: string[]): Promise<Record<string, unknown>> {
	const { stdout } = await run(command, args);
	return JSON.parse(stdout);
}

const cycleArguments = (workers: number, count: number): string[] => [
	processFile('cycle.mjs'),
	objectPath('ring'),
	TARGET,
	String(workers),
	String(count),
	'7',
];

describeBpf('objects that come and go', ['uprobe', 'uprobeMulti', 'ring'], () => {
	beforeEach(async () => {
		expect(await untilKernelState([])).toEqual([]);
	});

	it(
		'leave no file, link, map, program or thread behind, opened and closed by four workers at a time',
		async () => {
			const { before, after, heartbeats } = await answer(process.execPath, ...cycleArguments(4, LONG ? 250 : 10));
			expect(after).toBe(before);
			expect(heartbeats).toBe(0);
			expect(await untilKernelState([])).toEqual([]);
		},
		LONG ? 1_200_000 : 120_000,
	);

	it('do so too under a seccomp filter that lets them', async () => {
		const { before, after } = await answer(CONFINE, 'personality', process.execPath, ...cycleArguments(2, 3));
		expect(after).toBe(before);
		expect(await untilKernelState([])).toEqual([]);
	});

	it('are refused with the reason under one that does not', async () => {
		const refused = await answer(CONFINE, 'bpf', process.execPath, processFile('load.mjs'), objectPath('ring'), '4096');
		const reason = 'a security module, a seccomp filter or the kernel’s build refuses this operation or program type';
		expect(refused).toMatchObject({ code: 'INGERO_BPF_LOAD', errnoName: 'EPERM', hint: reason });
		expect(refused.ring).toEqual({ supported: false, reason: `EPERM: ${reason}` });
	});
});

/** A memory cgroup of its own, of version 1 or 2. */
const HIERARCHY = existsSync('/sys/fs/cgroup/memory') ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
const GROUP = `${HIERARCHY}/blnt-${process.pid}`;
const LIMIT = HIERARCHY.endsWith('memory') ? 'memory.limit_in_bytes' : 'memory.max';
const LIMIT_BYTES = 256 << 20;
const obstacle = memoryObstacle();

function memoryObstacle(): string {
	try {
		mkdirSync(GROUP);
		const has = existsSync(`${GROUP}/${LIMIT}`);
		rmdirSync(GROUP);
		return has ? '' : 'no memory controller for cgroups';
	} catch (error) {
		return (error as Error).message;
	}
}

describeBpf(
	obstacle ? `a memory limit (skipped: ${obstacle})` : 'a memory limit',
	['uprobe', 'uprobeMulti', 'ring'],
	() => {
		beforeEach((context) => {
			if (obstacle) context.skip();
			mkdirSync(GROUP);
			writeFileSync(`${GROUP}/${LIMIT}`, String(LIMIT_BYTES));
		});

		afterEach(async () => {
			// The last process may still be on its way out.
			for (let attempt = 0; existsSync(GROUP) && attempt < 100; attempt++) {
				try {
					rmdirSync(GROUP);
				} catch {
					await sleep(20);
				}
			}
		});

		const inside = (...command: string[]): [string, ...string[]] => [
			'sh',
			'-c',
			`echo $$ > ${GROUP}/cgroup.procs && exec "$0" "$@"`,
			...command,
		];

		it('lets objects come and go that fit', async () => {
			const { before, after } = await answer(...inside(process.execPath, ...cycleArguments(1, 20)));
			expect(after).toBe(before);
			expect(await untilKernelState([])).toEqual([]);
		});

		it('refuses a map that does not, and names the limit', async () => {
			const load = (bytes: number): Promise<Record<string, unknown>> =>
				answer(...inside(process.execPath, processFile('load.mjs'), objectPath('ring'), String(bytes)));
			expect(await load(1 << 20)).toEqual({ loaded: true });
			expect(await load(2 * LIMIT_BYTES)).toMatchObject({
				code: 'INGERO_BPF_LOAD',
				errnoName: 'ENOMEM',
				hint: expect.stringContaining('memory limit'),
			});
			expect(
				execFileSync(process.execPath, [processFile('load.mjs'), objectPath('ring'), '4096'], { encoding: 'utf8' }),
			).toBe('{"loaded":true}\n');
		});
	},
);
