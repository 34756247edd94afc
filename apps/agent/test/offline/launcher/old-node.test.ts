import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { pathOf } from '../../helpers/recordings';
import { INGERO, RunningIngero, runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const OLD = { NODE_OPTIONS: `--import=${new URL('../../helpers/old-node.mjs', import.meta.url)}` };
const BUNDLED = fileURLToPath(
	new URL(`../../../../../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
);
/** Goes on for the 40 s of the recording, unless it is ended. */
const REPLAY = ['replay', pathOf('h100-vllm-a'), '--inference', '--speed', '1', '--emit', 'steps'];

/** The process that the one with this id started; Linux only. */
function childOf(pid: number): number | undefined {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
	return children === '' ? undefined : Number(children);
}

async function running(): Promise<{ readonly outer: RunningIngero; readonly inner: number }> {
	const outer = new RunningIngero(REPLAY, { env: OLD });
	await outer.until('stdout', (text) => text.includes('"inference_step"'));
	return { outer, inner: childOf(outer.pid) as number };
}

describe.skipIf(process.platform !== 'linux' || !existsSync(BUNDLED))('on a Node that is too old', () => {
	test('another one runs, with its arguments, output and exit code', async () => {
		const plain = await runIngero(['replay', '--speed', 'never']);
		expect(plain.code).toBe(2);
		expect(await runIngero(['replay', '--speed', 'never'], { env: OLD })).toEqual(plain);
	});

	test.each(['SIGINT', 'SIGTERM'] as const)(
		'%s is handed on, and the session ends with its summary',
		async (signal) => {
			const { outer } = await running();
			outer.child.kill(signal);
			const { code, stdout } = await outer.finished;
			expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining('"type":"summary"')]);
		},
	);

	test('it ends, too, when whoever started it is killed', async () => {
		const { outer, inner } = await running();
		outer.child.kill('SIGKILL');
		while (existsSync(join('/proc', String(inner)))) await sleep(20);
		expect((await outer.finished).signal).toBe('SIGKILL');
	});
});

test('without another Node it says which one it needs', () => {
	// Away from the packages that may bring one along.
	const alone = join(folder, 'ingero.mjs');
	copyFileSync(INGERO, alone);
	const { status, stdout, stderr } = spawnSync(process.execPath, [alone, '--help'], {
		env: { ...process.env, ...OLD },
		encoding: 'utf8',
	});
	expect([status, stdout]).toEqual([2, '']);
	expect(stderr).toMatch(/^ingero: needs Node 22\.18 or newer, this is 20\.19\.0: .+\n$/);
});
