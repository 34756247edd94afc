import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { processExists } from './process-exists';
import { readProcess } from './read-process';

/** A child that stays until the test ends; resolves once it has written its first line. */
async function start(program: string, args: readonly string[]): Promise<ChildProcess & { pid: number }> {
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	onTestFinished(() => {
		child.kill('SIGKILL');
	});
	await once(child.stdout, 'data');
	if (child.pid === undefined) throw new Error(`${program} has no pid`);
	return child as ChildProcess & { pid: number };
}

describe('real processes', () => {
	test('this one', () => {
		const found = readProcess(process.pid);
		expect(found).toMatchObject({ pid: process.pid, parentPid: process.ppid, uid: process.getuid?.() });
		expect(found?.comm).toBe(readFileSync('/proc/self/comm', 'utf8').trimEnd());
		expect(found?.pidNamespace).toBeGreaterThan(0);
		expect(found?.cmdline.length).toBeGreaterThan(0);
	});

	test('a child with an awkward name and awkward arguments', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'ingero-host-'));
		onTestFinished(() => rmSync(folder, { recursive: true }));
		const program = join(folder, 'a) R 1 (b c');
		copyFileSync('/bin/sh', program);
		const child = await start(program, ['-c', 'echo up; read -r line <&1', 'name', '', 'two words']);
		expect(readProcess(child.pid)).toMatchObject({
			comm: 'a) R 1 (b c',
			cmdline: [program, '-c', 'echo up; read -r line <&1', 'name', '', 'two words'],
			parentPid: process.pid,
			namespacePid: child.pid,
		});
	});

	test('one that has ended but waits for its parent is gone', async () => {
		// The shell's child ends after the shell has become a program that never asks for it.
		const untilExec = 'while [ "$(cat /proc/$PPID/comm)" != sleep ]; do :; done';
		const parent = await start('/bin/sh', ['-c', `sh -c '${untilExec}' & echo $!; exec sleep 60`]);
		const pid = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim();
		await expect.poll(() => readProcess(Number(pid))?.state).toBe('Z');
		expect(processExists(Number(pid))).toBe(false);
		expect(processExists(parent.pid)).toBe(true);
	});

	test('a later process of the same pid is another one', () => {
		const startTimeTicks = readProcess(process.pid)?.startTimeTicks ?? Number.NaN;
		expect(processExists(process.pid, { startTimeTicks })).toBe(true);
		expect(processExists(process.pid, { startTimeTicks: startTimeTicks - 1 })).toBe(false);
	});

	test('a pid nobody has', () => {
		const beyondPidMax = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;
		expect(readProcess(beyondPidMax)).toBeUndefined();
		expect(processExists(beyondPidMax)).toBe(false);
	});
});

describe('recorded processes', () => {
	const numbers = '0 -1 4194304 98 0 0 0 0 0 0 0 20 0';

	test('in a container, of another user', () => {
		using proc = new FileTree({
			'4100/stat': `4100 (VLLM::EngineCor) S 4001 4001 4001 ${numbers} 97 0 5551234 0 0\n`,
			'4100/status': 'Name:\tVLLM::EngineCor\nUid:\t1000\t0\t0\t0\nNSpid:\t4100\t17\n',
			'4100/cmdline': 'VLLM::EngineCore',
		});
		expect(readProcess(4100, { procRoot: proc.root })).toEqual({
			pid: 4100,
			comm: 'VLLM::EngineCor',
			cmdline: ['VLLM::EngineCore'],
			state: 'S',
			parentPid: 4001,
			uid: 1000,
			startTimeTicks: 5551234,
			namespacePid: 17,
			pidNamespace: undefined,
		});
	});

	test('one whose main thread has ended while others run is alive', () => {
		using proc = new FileTree({ '7/stat': `7 (server) Z 1 7 7 ${numbers} 12 0 900 0 0\n` });
		expect(processExists(7, { procRoot: proc.root })).toBe(true);
	});
});
