import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linesOfType, parseLines, tally, withoutCause } from '../../helpers/messages';
import { bytesOf, firstRecords, pathOf, putTogether, takeApart } from '../../helpers/recordings';
import { replay, runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const STEPS = ['--emit', 'steps'];

describe('a capture of a replay', () => {
	test('is the recording', async () => {
		const path = join(folder, 'copy.igr');
		const printed = await replay(pathOf('h100x2-parallel-a'), ...STEPS, '--capture', path);
		const source = takeApart(bytesOf('h100x2-parallel-a'));
		const copy = takeApart(new Uint8Array(readFileSync(path)));
		expect(copy.header).toEqual(source.header);
		expect(Buffer.compare(bytesOfRecords(copy.records), bytesOfRecords(source.records))).toBe(0);
		expect(await replay(path, ...STEPS)).toBe(printed);
	});

	test('holds the chosen processes only', async () => {
		const path = join(folder, 'one.igr');
		const source = takeApart(bytesOf('h100x2-parallel-a'));
		const pid = source.records[3] as number;
		const printed = await replay(pathOf('h100x2-parallel-a'), ...STEPS, '--pid', String(pid), '--capture', path);
		const { records } = takeApart(new Uint8Array(readFileSync(path)));
		const pids = new Set<number>();
		const names = source.header.operations;
		for (let at = 0; at < records.length; at += 12) {
			// What the scheduler says of a thread names the task that was current.
			if (!names.get(records[at + 5] as number)?.name.startsWith('sched_')) pids.add(records[at + 3] as number);
		}
		expect([...pids]).toEqual([pid]);
		const steps = (text: string) => linesOfType(text, 'inference_step').map(withoutCause);
		expect(steps(await replay(path, ...STEPS))).toEqual(steps(printed));
	});

	test('keeps the file that was there when the session cannot begin', async () => {
		const path = join(folder, 'mine.igr');
		writeFileSync(path, 'mine');
		const { code } = await runIngero([
			'replay',
			pathOf('h100-vllm-a'),
			'--inference',
			'--capture',
			path,
			'--db',
			folder,
		]);
		expect(code).toBe(2);
		expect(readFileSync(path, 'utf8')).toBe('mine');
	});
});

/** Of util-linux: sets limits and runs a command under them. */
const canLimit = spawnSync('prlimit', ['--version']).status === 0;

test.skipIf(!canLimit)('a disk that fills costs events, which are counted, and not the session', async () => {
	const part = join(folder, 'part.igr');
	const whole = firstRecords(takeApart(bytesOf('h100-vllm-a')), 100_000);
	writeFileSync(part, putTogether(whole));
	const path = join(folder, 'full.igr');
	const { code, stdout, stderr } = await runIngero(['replay', part, '--inference', ...STEPS, '--capture', path], {
		// No file may grow beyond this: the write that would is refused.
		launcher: ['prlimit', '--fsize=2500000'],
	});
	expect(code).toBe(0);
	expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(path)]);
	expect(linesOfType(stdout, 'inference_step')).toEqual(linesOfType(await replay(part, ...STEPS), 'inference_step'));

	const { outputs } = parseLines(stdout).at(-1) as unknown as { outputs: { dropped: { write_error: bigint } } };
	const lost = outputs.dropped.write_error;
	const { header, records } = takeApart(new Uint8Array(readFileSync(path)));
	expect(lost).toBeGreaterThan(0n);
	expect(BigInt(header.dropped)).toBe(lost);
	expect(records.length / 12 + header.dropped).toBe(100_000);
	expect(records).toEqual(whole.records.subarray(0, records.length));
	const { produced, dropped } = tally(parseLines(await replay(path)).at(-1)?.events);
	expect([produced, dropped]).toEqual([100_000n, lost]);
});

function bytesOfRecords(records: Uint32Array): Uint8Array {
	return new Uint8Array(records.buffer, records.byteOffset, records.byteLength);
}
