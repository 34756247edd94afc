import { execFileSync, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ofType, parseLines } from '../../helpers/messages';
import { pathOf } from '../../helpers/recordings';
import { INGERO, replay, runIngero } from '../../helpers/run-ingero';

const ESCAPE = '\u001b';
const path = pathOf('h100-vllm-a');

describe('the readable view', () => {
	test('shows a table of workloads that agrees with the lines, and the loss ledger', async () => {
		const view = await replay(path, '--json=false');
		const messages = parseLines(await replay(path, '--emit', 'steps'));
		const printed = new Map<string, number>();
		for (const { pid, stream_handle, phase } of ofType(messages, 'inference_step')) {
			const stream = stream_handle === '0' ? 'default' : `0x${BigInt(stream_handle as string).toString(16)}`;
			const workload = [pid, stream, phase].join();
			printed.set(workload, (printed.get(workload) ?? 0) + 1);
		}
		const rows = view.split('\n').map((line) => line.trim().split(/ {2,}/));
		const shown = rows.filter(([process]) => process === 'recorded');
		let missing = 0;
		for (const [workload, count] of printed) {
			const row = shown.find(([, ...cells]) => cells.slice(0, 3).join() === workload);
			missing += count - Number(row?.[4]?.replace(',', '') ?? 0);
		}
		expect(shown.length).toBeGreaterThan(3);
		// The first step of a thread has no beginning and is in no baseline.
		expect(messages.at(-1)).toMatchObject({ steps_discarded: { first: BigInt(missing) } });
		expect(view).toMatch(/^ *PROCESS +PID +STREAM +PHASE +STEPS/m);
		expect(view).toContain('calls seen 392,358');
		expect(view).toContain('none lost');
	});

	test('has colours only for a terminal, or for somebody who insists', async () => {
		expect(await replay(path, '--json=false')).not.toContain(ESCAPE);
		const { stdout } = await runIngero(['replay', path, '--inference', '--json=false'], { env: { FORCE_COLOR: '1' } });
		expect(stdout).toContain(ESCAPE);
	});
});

/** `script` of util-linux runs a command on a terminal of its own. */
const canFakeTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

describe.skipIf(!canFakeTerminal)('on a terminal', () => {
	const COLUMNS = 60;

	function onTerminal(env: Record<string, string>): string {
		const command = `stty cols ${COLUMNS} rows 24; "$NODE" "$INGERO" replay "$FILE" --inference --json=false`;
		return execFileSync('script', ['-qec', command, '/dev/null'], {
			encoding: 'utf8',
			env: { PATH: process.env.PATH, TERM: 'xterm', NODE: process.execPath, INGERO, FILE: path, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
	}

	test('it has colours, and none with NO_COLOR', () => {
		const colour = new RegExp(`${ESCAPE}\\[[\\d;]*m`);
		expect(onTerminal({})).toMatch(colour);
		expect(onTerminal({ NO_COLOR: '1' })).not.toMatch(colour);
	});

	test('a table is drawn over the one before, so none of its lines wraps', () => {
		const screen = onTerminal({ NO_COLOR: '1' });
		const tables = screen.split(/\r?\n/).filter((line) => /PROCESS|recorded {2,}\d/.test(line));
		expect(tables.length).toBeGreaterThan(4);
		for (const line of tables) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(COLUMNS);
		for (const [, up] of screen.matchAll(new RegExp(`${ESCAPE}\\[(\\d+)A`, 'g'))) expect(Number(up)).toBeLessThan(24);
	});
});
