import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProbeError } from '../errors';
import { findFunctions } from './elf-symbols';

const library = readFileSync(paths.libcuda);
const hasNm = spawnSync('nm', ['--version']).error === undefined;

/** Exported functions and their addresses, by binutils. */
function listedByNm(): Map<string, number> {
	const lines = execFileSync('nm', ['-D', '--defined-only', paths.libcuda], { encoding: 'utf8' }).trimEnd().split('\n');
	return new Map(lines.map((line) => line.split(' ')).map(([value, , name = '']) => [name, Number(`0x${value}`)]));
}

let folder: string;
let copy: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'elf-'));
	copy = join(folder, 'libcuda.so.1');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('findFunctions', () => {
	it.skipIf(!hasNm)('finds every exported function where nm sees it', () => {
		const expected = listedByNm();
		const found = findFunctions(paths.libcuda, new Set(expected.keys()));
		expect(expected.size).toBeGreaterThan(50);
		expect(found.map(({ name }) => name).sort()).toEqual([...expected.keys()].sort());
		const shifts = new Set(found.map(({ name, fileOffset }) => (expected.get(name) as number) - fileOffset));
		// They all lie in one segment, so address and file offset differ by one number, a multiple of a page.
		expect(shifts.size).toBe(1);
		expect([...shifts].every((shift) => shift % 4096 === 0)).toBe(true);
	});

	it('gives the first bytes of the code there', () => {
		for (const { fileOffset, code } of findFunctions(paths.libcuda, new Set(['cuLaunchKernel', 'cuMemAlloc_v2']))) {
			expect(Buffer.compare(code, library.subarray(fileOffset, fileOffset + code.length))).toBe(0);
		}
	});

	it('finds nothing that was not asked for, is imported or does not exist', () => {
		expect(findFunctions(paths.libcuda, new Set(['cuNothing', 'malloc', '']))).toEqual([]);
		expect(findFunctions(paths.libcuda, new Set())).toEqual([]);
	});

	it.each([
		['a file that is not there', () => '/nowhere/libcuda.so.1'],
		['a folder', () => folder],
		['an empty file', () => write(Buffer.alloc(0))],
		['a text', () => write(Buffer.from('INPUT(libcuda.so.1)'.repeat(10)))],
		[
			'a 32-bit library',
			() => write(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), library.subarray(6)])),
		],
		['a library without its section table', () => write(library.subarray(0, library.length - 1))],
	])('refuses %s', (_, make) => {
		const path = make();
		expect(() => findFunctions(path, new Set(['cuLaunchKernel']))).toThrow(
			expect.objectContaining({ code: 'INGERO_PROBES_BAD_LIBRARY', message: expect.stringContaining(path) }),
		);
	});

	it('never fails but with a ProbeError, however the file is cut off or damaged', () => {
		write(library);
		const wanted = new Set(['cuLaunchKernel', 'cuMemcpyAsync', 'cuEventQuery']);
		const whole = findFunctions(copy, wanted);
		// Where damage does something: the header, and the tables at its ends.
		const place = fc.oneof(
			fc.integer({ min: 0, max: 63 }),
			fc.integer({ min: 64, max: 4096 }),
			fc.integer({ min: Math.max(0, library.length - 4096), max: library.length - 1 }),
			fc.integer({ min: 0, max: library.length - 1 }),
		);
		const damage = fc.record({
			bytes: fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
			length: fc.oneof(fc.constant(library.length), fc.integer({ min: 0, max: library.length })),
		});
		fc.assert(
			fc.property(damage, ({ bytes, length }) => {
				const damaged = Buffer.from(library);
				for (const [at, value] of bytes) damaged[at] = value;
				writeFileSync(copy, damaged);
				truncateSync(copy, length);
				try {
					const found = findFunctions(copy, wanted);
					expect(found.length).toBeLessThanOrEqual(whole.length);
				} catch (error) {
					expect(error).toBeInstanceOf(ProbeError);
				}
			}),
			{ numRuns: 500 },
		);
	});
});

function write(contents: Uint8Array): string {
	writeFileSync(copy, contents);
	return copy;
}
