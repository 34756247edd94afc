import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLines } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { RunningIngero, runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const mapper = join(folder, 'mapped-file');
const children: ChildProcess[] = [];
afterAll(() => {
	for (const child of children) child.kill('SIGKILL');
});

/** A process that has the file mapped as code. */
async function processThatMaps(file: string): Promise<number> {
	const child = spawn(mapper, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
	children.push(child);
	await once(child.stdout, 'data');
	return child.pid as number;
}

/** A driver library in a folder of its own with the functions given. */
function driverLibrary(name: string, functions: readonly string[]): string {
	const path = join(folder, name, 'libcuda.so.1');
	mkdirSync(join(folder, name));
	const source = functions.map((symbol) => `int ${symbol}(void) { return 0; }`).join('\n');
	// Not optimized: functions without a push at their start would not be probed.
	execFileSync('gcc', ['-shared', '-fPIC', '-O0', '-x', 'c', '-o', path, '-'], { input: source });
	return path;
}

describe.skipIf(obstacle !== undefined)('a driver library', () => {
	beforeAll(() => {
		execFileSync('gcc', ['-O1', '-o', mapper, fileURLToPath(new URL('mapped-file.c', import.meta.url))]);
	});

	test('without a function is watched for the others, and the missing one is named', async () => {
		const path = driverLibrary('old driver', ['cuLaunchKernel', 'cuStreamSynchronize', 'cuMemcpyDtoHAsync_v2']);
		const pid = await processThatMaps(path);
		const agent = new RunningIngero(['trace', '--inference', '--record=false', '--pid', String(pid)]);
		await agent.until('stderr', (text) => text.includes('\n'));
		const { code, stdout, stderr } = await agent.stop();
		expect(code).toBe(0);
		expect(stderr).toMatch(/^ingero: .+\n$/);
		expect(stderr).toContain(`watching ${path} (process ${pid}): 3 functions probed; not exported by it: `);
		expect(stderr).toContain('cuLaunchKernelEx');
		expect(parseLines(stdout).at(-1)?.type).toBe('summary');
	});

	test('is named with all that it lacks by the readable view and by check', async () => {
		const path = driverLibrary('older driver', ['cuLaunchKernel']);
		const pid = await processThatMaps(path);
		const args = [
			'trace',
			'--inference',
			'--record=false',
			'--json=false',
			'--duration',
			'500ms',
			'--pid',
			String(pid),
		];
		const { stdout: view } = await runIngero(args);
		const { stdout: checks } = await runIngero(['check']);
		for (const symbol of ['cuLaunchKernelEx', 'cuStreamSynchronize', 'cuEventSynchronize', 'cuGraphLaunch']) {
			expect(lineWith(view, path, 'not probed')).toContain(symbol);
			expect(checks.slice(checks.indexOf(path)).split('\n')[1]).toContain(symbol);
		}
	});

	test.each([
		['nothing that we probe', () => driverLibrary('other', ['cuSomething'])],
		['no library', () => writtenTo('text', 'this is no library\n'.repeat(500))],
		[
			'a damaged library',
			() => writtenTo('damaged', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(9000, 7)])),
		],
	])('that is %s is named, and the session goes on', async (_what, make) => {
		const path = make();
		const pid = await processThatMaps(path);
		const agent = new RunningIngero(['trace', '--inference', '--record=false', '--pid', String(pid)]);
		await agent.until('stderr', (text) => text.includes('\n'));
		expect(agent.child.exitCode).toBeNull();
		const { code, stdout, stderr } = await agent.stop();
		expect(code).toBe(0);
		expect(stderr).toMatch(/^ingero: .+\n$/);
		expect(stderr).toContain(path);
		expect(stderr).toMatch(/cannot probe|0 functions probed/);
		expect(stderr).not.toMatch(/\bat .+:\d+:\d+|TypeError|RangeError|undefined/);
		expect(parseLines(stdout).at(-1)?.type).toBe('summary');
	});
});

function writtenTo(name: string, content: string | Buffer): string {
	const path = join(folder, name, 'libcuda.so.1');
	mkdirSync(join(folder, name));
	writeFileSync(path, content);
	return path;
}

function lineWith(text: string, ...parts: readonly string[]): string | undefined {
	return text.split('\n').find((line) => parts.every((part) => line.includes(part)));
}
