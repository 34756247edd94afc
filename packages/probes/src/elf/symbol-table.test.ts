import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ElfFile } from './elf-file';
import { SymbolTable } from './symbol-table';

const hasBinutils = spawnSync('readelf', ['--version']).error === undefined;

interface Listed {
	readonly start: number;
	readonly bytes: number;
	readonly name: string;
}

/** Functions in a table of a file, by binutils. */
function listed(path: string, table: '--symbols' | '--dyn-syms'): Listed[] {
	const text = execFileSync('readelf', ['--wide', table, path], { encoding: 'utf8', maxBuffer: 1 << 28 });
	// `--symbols` lists both tables, the full one last.
	const own = text.slice(text.lastIndexOf('Symbol table'));
	return own.split('\n').flatMap((line) => {
		const [, value, size, type, , , section, name] = line.trim().split(/\s+/);
		if ((type !== 'FUNC' && type !== 'IFUNC') || section === 'UND') return [];
		return [{ start: Number(`0x${value}`), bytes: Number(size), name: (name as string).replace(/@.*/, '') }];
	});
}

/** What a table should say of an address, the slow way. */
function expected(all: readonly Listed[], address: number): { name: string; offset: number } | undefined {
	const start = Math.max(...all.filter((one) => one.start <= address).map((one) => one.start));
	const there = all.filter((one) => one.start === start);
	const bytes = Math.max(...there.map((one) => one.bytes)) || 64;
	if (there.length === 0 || address >= start + bytes) return undefined;
	const names = there.map(({ name }) => name).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
	return { name: names[0] as string, offset: address - start };
}

let folder: string;
let descriptor: number | undefined;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'symbols-'));
});

afterEach(() => {
	if (descriptor !== undefined) closeSync(descriptor);
	descriptor = undefined;
	rmSync(folder, { recursive: true });
});

function open(path: string): ElfFile {
	if (descriptor !== undefined) closeSync(descriptor);
	descriptor = openSync(path, 'r');
	return new ElfFile(descriptor);
}

function stripped(): string {
	const path = join(folder, 'stripped.so');
	execFileSync('strip', ['-o', path, paths.libcuda]);
	return path;
}

describe.skipIf(!hasBinutils)('SymbolTable', () => {
	it.each([
		['the full table', () => paths.libcuda, '--symbols'],
		['the table of the dynamic linker where there is no other', stripped, '--dyn-syms'],
	] as const)('names every address as %s has it', (_, make, table) => {
		const path = make();
		const all = listed(path, table);
		expect(all.length).toBeGreaterThan(50);
		const symbols = SymbolTable.read(open(path)) as SymbolTable;
		expect(symbols.size).toBe(all.length);
		const edges = all.flatMap(({ start, bytes }) => [start, start + bytes - 1, start + bytes, start + bytes + 63]);
		for (const address of [0, ...edges]) {
			expect(symbols.find(address), address.toString(16)).toEqual(expected(all, address));
		}
		const anywhere = fc.integer({ min: 0, max: Math.max(...edges) + 4096 });
		fc.assert(
			fc.property(anywhere, (address) => {
				expect(symbols.find(address)).toEqual(expected(all, address));
			}),
			{ seed: 20261129 },
		);
	});

	it('names nothing by a function that only lies near', () => {
		const full = listed(paths.libcuda, '--symbols');
		const exported = new Set(listed(paths.libcuda, '--dyn-syms').map(({ start }) => start));
		const hidden = full.filter(({ start, bytes }) => bytes > 0 && !exported.has(start));
		expect(hidden.length).toBeGreaterThan(20);
		const symbols = SymbolTable.read(open(stripped())) as SymbolTable;
		expect(hidden.filter(({ start }) => symbols.find(start) !== undefined)).toEqual([]);
	});

	it('has no names where a file has none', () => {
		const library = readFileSync(paths.libcuda);
		// The number of its sections, and where they are told.
		library.fill(0, 40, 48);
		library.fill(0, 60, 62);
		const path = join(folder, 'bare.so');
		writeFileSync(path, library);
		expect(SymbolTable.read(open(path))).toBeUndefined();
	});

	it('ends with an Error or with names that are in the file, however that is cut off or damaged', () => {
		const library = readFileSync(paths.libcuda);
		const path = join(folder, 'damaged.so');
		const place = fc.oneof(
			fc.integer({ min: 0, max: 4096 }),
			fc.integer({ min: Math.max(0, library.length - 65_536), max: library.length - 1 }),
		);
		const damage = fc.record({
			bytes: fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
			length: fc.oneof(fc.constant(library.length), fc.integer({ min: 0, max: library.length })),
			address: fc.integer({ min: 0, max: library.length }),
		});
		fc.assert(
			fc.property(damage, ({ bytes, length, address }) => {
				const damaged = Buffer.from(library);
				for (const [at, value] of bytes) damaged[at] = value;
				writeFileSync(path, damaged);
				truncateSync(path, length);
				try {
					const found = SymbolTable.read(open(path))?.find(address);
					if (found !== undefined) expect(damaged.includes(found.name)).toBe(true);
				} catch (error) {
					expect((error as Error).constructor).toBe(Error);
				}
			}),
			{ seed: 20261130, numRuns: 300 },
		);
	});
});
