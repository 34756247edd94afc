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

	it.skipIf(!hasNm)('never gives code past the end of a function', () => {
		const lines = execFileSync('nm', ['-D', '-S', '--defined-only', paths.libcuda], { encoding: 'utf8' });
		const sizes = new Map(
			[...lines.matchAll(/^[0-9a-f]+ ([0-9a-f]+) T (\w+)$/gm)].map(([, size, name = '']) => [
				name,
				Number(`0x${size}`),
			]),
		);
		const found = findFunctions(paths.libcuda, new Set(sizes.keys()));
		expect(found.length).toBeGreaterThan(50);
		for (const { name, code } of found) {
			expect([name, code.length]).toEqual([name, Math.min(sizes.get(name) as number, 1024)]);
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
		[
			'a library for another processor',
			() => write(Buffer.concat([library.subarray(0, 18), Buffer.from([243, 0]), library.subarray(20)])),
		],
		['a library without its section table', () => write(library.subarray(0, library.length - 1))],
	])('refuses %s', (_, make) => {
		const path = make();
		expect(() => findFunctions(path, new Set(['cuLaunchKernel']))).toThrow(
			expect.objectContaining({ code: 'INGERO_PROBES_BAD_LIBRARY', message: expect.stringContaining(path) }),
		);
	});

	it('is not kept busy by a table that is all one name, with symbols at each of its letters', () => {
		write(hugeTable({ symbols: 300_000, letters: 10_000_000 }));
		expect(findFunctions(copy, new Set(['cuLaunchKernel', 'aaaaaaaaaaaaaaaa']))).toEqual([]);
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

/** A library whose names are one, of the letter a; symbol n begins at its n-th letter, round and round. */
function hugeTable({ symbols, letters }: { readonly symbols: number; readonly letters: number }): Buffer {
	const [headerBytes, segmentBytes, sectionBytes, symbolBytes] = [64, 56, 64, 24];
	const symbolsAt = headerBytes + segmentBytes;
	const namesAt = symbolsAt + symbols * symbolBytes;
	const sectionsAt = namesAt + letters;
	const file = Buffer.alloc(sectionsAt + 3 * sectionBytes);
	library.copy(file, 0, 0, headerBytes);
	file.writeBigUInt64LE(BigInt(headerBytes), 32);
	file.writeBigUInt64LE(BigInt(sectionsAt), 40);
	file.writeUInt16LE(1, 56);
	file.writeUInt16LE(3, 60);
	file.writeUInt32LE(1, headerBytes);
	file.writeBigUInt64LE(1n << 20n, headerBytes + 32);
	for (let i = 0; i < symbols; i++) {
		const at = symbolsAt + i * symbolBytes;
		file.writeUInt32LE(i % letters, at);
		file[at + 4] = 0x12;
		file.writeBigUInt64LE(0x800n, at + 8);
		file.writeBigUInt64LE(64n, at + 16);
	}
	file.fill('a', namesAt, sectionsAt);
	const section = (index: number, type: number, offset: number, bytes: number, link: number) => {
		const at = sectionsAt + index * sectionBytes;
		file.writeUInt32LE(type, at + 4);
		file.writeBigUInt64LE(BigInt(offset), at + 24);
		file.writeBigUInt64LE(BigInt(bytes), at + 32);
		file.writeUInt32LE(link, at + 40);
	};
	section(1, 11, symbolsAt, symbols * symbolBytes, 2);
	section(2, 3, namesAt, letters, 0);
	return file;
}

function write(contents: Uint8Array): string {
	writeFileSync(copy, contents);
	return copy;
}
