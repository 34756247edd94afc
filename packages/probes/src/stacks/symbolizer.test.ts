import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findFunctions } from '../sites/elf-symbols';
import { Symbolizer } from './symbolizer';

const PID = 4711;
const BASE = 0x7f00_0000_0000;
const OTHER_BASE = 0x7f80_0000_0000;
/** More than a library is long, so that one line maps a whole file. */
const LENGTH = 0x100_0000;
const LINES = [
	'7ffe00000000-7ffe00002000 r-xp 00000000 00:00 0                          [vdso]',
	'7ffd00000000-7ffd00010000 rwxp 00000000 00:00 0 ',
	'7ffc00000000-7ffc00010000 rw-p 00000000 00:00 0                          [stack]',
];

const names = ['cuLaunchKernel', 'cuMemAlloc_v2', 'cuStreamSynchronize'];
const places = new Map(findFunctions(paths.libcuda, new Set(names)).map((found) => [found.name, found.fileOffset]));

let procRoot: string;
let symbolizer: Symbolizer;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['performance'] });
	procRoot = mkdtempSync(join(tmpdir(), 'proc-'));
	mkdirSync(join(procRoot, String(PID)));
	symlinkSync('/', join(procRoot, String(PID), 'root'));
	symbolizer = new Symbolizer(procRoot);
});

afterEach(() => {
	symbolizer.close();
	vi.useRealTimers();
	rmSync(procRoot, { recursive: true });
});

function map(...libraries: readonly { readonly path: string; readonly base: number }[]): void {
	const lines = libraries.map(({ path, base }) => {
		const range = `${base.toString(16)}-${(base + LENGTH).toString(16)}`;
		return `${range} r-xp 00000000 fe:01 ${statSync(path).ino}      ${path}`;
	});
	writeFileSync(
		join(procRoot, String(PID), 'maps'),
		[...lines, ...[...LINES].reverse()].map((line) => `${line}\n`).join(''),
	);
}

function addressOf(name: string, base = BASE): bigint {
	return BigInt(base + (places.get(name) as number));
}

describe('Symbolizer', () => {
	it('names functions, and how far into them an address is', () => {
		map({ path: paths.libcuda, base: BASE });
		const stack = [addressOf('cuLaunchKernel') + 4n, addressOf('cuMemAlloc_v2') + 17n];
		expect(symbolizer.frames(PID, stack)).toEqual([
			{ address: stack[0], file: paths.libcuda, symbol: 'cuLaunchKernel', offset: 4 },
			{ address: stack[1], file: paths.libcuda, symbol: 'cuMemAlloc_v2', offset: 17 },
		]);
	});

	it('gives a return address to the function that made the call, though the next one begins there', () => {
		map({ path: paths.libcuda, base: BASE });
		const start = addressOf('cuStreamSynchronize');
		const [innermost, caller] = symbolizer.frames(PID, [start, start]);
		expect(innermost).toMatchObject({ symbol: 'cuStreamSynchronize', offset: 0 });
		expect(caller?.symbol).not.toBe('cuStreamSynchronize');
	});

	it('says of other memory what there is to say', () => {
		map({ path: paths.libcuda, base: BASE });
		expect(symbolizer.frames(PID, [0x7ffe_0000_0010n, 0x7ffd_0000_0010n, 0x7ffc_0000_0010n])).toEqual([
			{ address: 0x7ffe_0000_0010n, file: '[vdso]', offset: 16 },
			{ address: 0x7ffd_0000_0010n },
			{ address: 0x7ffc_0000_0010n },
		]);
	});

	it.each([13n, 0xffffn, 1n << 56n, 2n ** 64n - 1n])('ends a stack before what is no address: %i', (wild) => {
		map({ path: paths.libcuda, base: BASE });
		const stack = [addressOf('cuLaunchKernel'), wild, addressOf('cuMemAlloc_v2')];
		expect(symbolizer.frames(PID, stack)).toMatchObject([{ symbol: 'cuLaunchKernel' }]);
		expect(symbolizer.frames(PID, [wild])).toEqual([]);
	});

	it('names the file alone where it cannot be read, or is another one by now', () => {
		const copy = join(procRoot, 'libcuda.so.1');
		cpSync(paths.libcuda, copy);
		map({ path: copy, base: BASE });
		renameSync(copy, `${copy}.old`);
		const address = addressOf('cuLaunchKernel');
		const expected = [{ address, file: copy, offset: places.get('cuLaunchKernel') }];
		expect(symbolizer.frames(PID, [address])).toEqual(expected);
		cpSync(paths.libcuda, copy);
		symbolizer.forgetProcess(PID);
		expect(symbolizer.frames(PID, [address])).toEqual(expected);
	});

	it('finds a library that was loaded since, a quarter of a second later at the latest', () => {
		map({ path: paths.libcuda, base: BASE });
		const early = addressOf('cuLaunchKernel', OTHER_BASE);
		symbolizer.frames(PID, [addressOf('cuLaunchKernel')]);
		map({ path: paths.libcuda, base: BASE }, { path: paths.libcuda, base: OTHER_BASE });
		expect(symbolizer.frames(PID, [early])).toEqual([{ address: early }]);
		vi.advanceTimersByTime(250);
		expect(symbolizer.frames(PID, [early])).toMatchObject([{ symbol: 'cuLaunchKernel' }]);
	});

	it('looks less and less often for what is never there', () => {
		map({ path: paths.libcuda, base: BASE });
		const early = addressOf('cuLaunchKernel', OTHER_BASE);
		const missing = 0x7ffc_0000_0010n;
		symbolizer.frames(PID, [missing]);
		for (const waitMs of [250, 500, 1000]) {
			vi.advanceTimersByTime(waitMs);
			symbolizer.frames(PID, [missing]);
		}
		map({ path: paths.libcuda, base: BASE }, { path: paths.libcuda, base: OTHER_BASE });
		vi.advanceTimersByTime(1999);
		expect(symbolizer.frames(PID, [early])).toEqual([{ address: early }]);
		vi.advanceTimersByTime(1);
		expect(symbolizer.frames(PID, [early])).toMatchObject([{ symbol: 'cuLaunchKernel' }]);
	});

	it('notices in ten seconds that another library is where one was', () => {
		map({ path: paths.libcuda, base: BASE });
		const address = addressOf('cuLaunchKernel');
		expect(basename(symbolizer.frames(PID, [address])[0]?.file as string)).toBe('libcuda.so.1');
		map({ path: paths.libnccl, base: BASE });
		vi.advanceTimersByTime(10_000);
		const [frame] = symbolizer.frames(PID, [address]);
		expect(frame?.file).toBe(paths.libnccl);
		expect(frame?.symbol).not.toBe('cuLaunchKernel');
	});

	it('knows after the end of a process what it knew before, until it is forgotten', () => {
		map({ path: paths.libcuda, base: BASE });
		const [known, unknown] = [addressOf('cuLaunchKernel'), addressOf('cuMemAlloc_v2')];
		symbolizer.frames(PID, [known]);
		rmSync(join(procRoot, String(PID)), { recursive: true });
		vi.advanceTimersByTime(60_000);
		expect(symbolizer.frames(PID, [known, unknown + 1n])).toMatchObject([
			{ symbol: 'cuLaunchKernel' },
			{ symbol: 'cuMemAlloc_v2' },
		]);
		symbolizer.forgetProcess(PID);
		expect(symbolizer.frames(PID, [known])).toEqual([{ address: known }]);
	});
});
