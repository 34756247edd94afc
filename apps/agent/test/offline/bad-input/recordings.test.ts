import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RECORD_BYTES } from '@ingero/recording';
import { describe, expect, test } from 'vitest';
import { linesOfType, parseLines, tally } from '../../helpers/messages';
import { bytesOf, firstRecords, pathOf, putTogether, takeApart, withHeaderText } from '../../helpers/recordings';
import { expectRefusal } from '../../helpers/refusal';
import { replay, runIngero } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const whole = bytesOf('h100-vllm-a');
const compressed = new Uint8Array(readFileSync(pathOf('h100-vllm-a')));
const taken = firstRecords(takeApart(whole), 1000);
const good = { version: 1, record_size: RECORD_BYTES, ops: {} };

function write(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

describe('is refused', () => {
	const withHeader = (header: unknown) => withHeaderText(JSON.stringify(header), taken);
	const random = new Uint8Array(5000).map((_, i) => (i * 2654435761) >>> 24);

	test.each<[name: string, bytes: Uint8Array, advises: RegExp | string]>([
		['empty.igr', new Uint8Array(), 'the file is empty'],
		['random.igr', random, 'not an Ingero recording'],
		['a-text.igr', new TextEncoder().encode('hello'), 'not an Ingero recording'],
		['cut-in-magic.igr', whole.subarray(0, 5), 'ends inside its header'],
		['cut-in-length.igr', whole.subarray(0, 10), 'ends inside its header'],
		['cut-in-header.igr', whole.subarray(0, 500), 'ends inside its header'],
		['newer.igr', withHeader({ ...good, version: 2 }), /version 2\b.*version 1\b.*update/],
		['no-json.igr', withHeaderText('{"version":1,', taken), 'damaged header'],
		['null.igr', withHeader(null), 'damaged header'],
		['no-version.igr', withHeader({ ...good, version: undefined }), 'damaged header: no version'],
		['no-ops.igr', withHeader({ ...good, ops: undefined }), 'damaged header: no table of operations'],
		['odd-records.igr', withHeader({ ...good, record_size: 40 }), 'record_size is 40'],
		['huge-header.igr', Uint8Array.from([...whole.subarray(0, 8), 255, 255, 255, 255, 1]), 'damaged header'],
		['cut-in-header.igr.gz', compressed.subarray(0, 15), 'damaged gzip file'],
		['only-gzip-magic.igr.gz', compressed.subarray(0, 2), 'damaged gzip file'],
		['random.igr.gz', Uint8Array.from([0x1f, 0x8b, ...random]), 'damaged gzip file'],
	])('%s', (name, bytes, advises) =>
		expectRefusal(['replay', write(name, bytes), '--inference'], { names: name, advises }),
	);

	test('a file that is not there, a folder, a file in a file', async () => {
		const path = write('file', new Uint8Array());
		for (const [file, advises] of [
			[join(folder, 'missing.igr'), 'no such file'],
			[folder, 'directory'],
			[join(path, 'inside.igr'), 'not a directory'],
			['', 'no such file'],
		] as const) {
			await expectRefusal(['replay', file, '--inference'], { names: file, advises });
		}
	});

	test('before anything is written', async () => {
		const bad = write('bad.igr', random);
		const outputs = join(folder, 'outputs');
		mkdirSync(outputs);
		const args = ['replay', bad, '--inference', '--db', join(outputs, 'x.db'), '--capture', join(outputs, 'x.igr')];
		await expectRefusal(args, { names: bad, advises: 'not an Ingero recording' });
		await expectRefusal(['replay', join(outputs, 'x.db'), '--inference'], { names: 'x.db', advises: 'no such file' });
		await expectRefusal(['replay', join(outputs, 'x.igr'), '--inference'], { names: 'x.igr', advises: 'no such file' });
	});
});

describe('is replayed up to where it was cut', () => {
	/** Replays a damaged file: a warning that names it, and the result of `sound`. */
	async function expectSameAs(sound: string, damaged: string, warning: RegExp): Promise<void> {
		const { code, stdout, stderr } = await runIngero(['replay', damaged, '--inference', '--emit', 'steps']);
		expect(code).toBe(0);
		expect(stderr).toMatch(/^ingero: .+\n$/);
		expect(stderr).toContain(damaged);
		expect(stderr).toMatch(warning);
		expect(stdout).toBe(await replay(sound, '--emit', 'steps'));
		expect(linesOfType(stdout, 'inference_step').length).toBeGreaterThan(100);
	}

	test.each([1, 20, RECORD_BYTES - 1])('%d bytes into a record', async (extra) => {
		const end = headerOf(whole) + 50_000 * RECORD_BYTES;
		const sound = write('sound.igr', whole.subarray(0, end));
		await expectSameAs(sound, write('cut.igr', whole.subarray(0, end + extra)), /cut off/);
	});

	test('in compressed data', async () => {
		const cut = compressed.subarray(0, 1_000_000);
		const bytes = new Uint8Array(gunzipSync(cut, { finishFlush: 2 }));
		const records = takeApart(bytes).records.length / 12;
		const sound = write('sound.igr', putTogether(firstRecords(takeApart(whole), records)));
		await expectSameAs(sound, write('cut.igr.gz', cut), /cut off/);
	});

	test('where compressed data are damaged', async () => {
		const damaged = compressed.slice();
		damaged.fill(0xff, 1_000_000, 1_000_100);
		const path = write('damaged.igr.gz', damaged);
		const { code, stdout, stderr } = await runIngero(['replay', path, '--inference', '--emit', 'steps']);
		expect(code).toBe(0);
		expect(stderr).toBe(`ingero: ${path} is damaged: replayed up to there\n`);
		// The decompressor notices late: what it gave last may be wrong, what comes well before is right.
		const sound = linesOfType(await replay(pathOf('h100-vllm-a'), '--emit', 'steps'), 'inference_step');
		const steps = linesOfType(stdout, 'inference_step');
		expect(steps.length).toBeGreaterThan(100);
		const half = Math.floor(steps.length / 2);
		expect(steps.slice(0, half)).toEqual(sound.slice(0, half));
	});

	test('after the header: nothing, and no error', async () => {
		const messages = parseLines(await replay(write('header.igr', putTogether(firstRecords(taken, 0)))));
		expect(messages).toMatchObject([{ type: 'summary', start_ns: null, end_ns: null, processes: 0n }]);
		expect(tally(messages[0]?.events).produced).toBe(0n);
	});
});

test('what was lost while recording is told and counted', async () => {
	const path = write('lossy.igr', putTogether({ ...taken, header: { ...taken.header, dropped: 41 } }));
	const { stdout, stderr } = await runIngero(['replay', path, '--inference']);
	expect(stderr).toMatch(/^ingero: .*lossy\.igr: 41 events were lost/);
	expect(parseLines(stdout).at(-1)).toMatchObject({ events: { produced: 1041n, dropped: { ring_full: 41n } } });
});

test('a process that is not in it is named', async () => {
	const path = write('few.igr', putTogether(taken));
	const pid = taken.records[3];
	const { code, stderr } = await runIngero(['replay', path, '--inference', '--pid', `${pid},999999999`]);
	expect(code).toBe(0);
	expect(stderr).toBe(`ingero: --pid 999999999: no such process in ${path}\n`);
});

function headerOf(bytes: Uint8Array): number {
	return 12 + new DataView(bytes.buffer).getUint32(8, true);
}
