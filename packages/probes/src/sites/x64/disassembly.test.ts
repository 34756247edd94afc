import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findFunctions } from '../elf-symbols';
import { decode, type Instruction } from './decode';
import { formOf } from './forms';
import { branchTarget } from './kernel';
import { textOf } from './text';

const hasBinutils = spawnSync('objdump', ['--version'], { encoding: 'utf8' }).stdout?.startsWith('GNU') ?? false;

/** Of the shared libraries of this very process the C and C++ library: whatever the distribution compiled. */
function mappedLibraries(): string[] {
	if (!existsSync('/proc/self/maps')) return [];
	const paths = readFileSync('/proc/self/maps', 'utf8').matchAll(
		/^\S+ r-xp .* (\/\S+\/lib(?:c|stdc\+\+)[-.\d]*\.so[.\d]*)$/gm,
	);
	return [...new Set([...paths].map(([, path = '']) => path))];
}

/** What objdump says of the code of a library, by address. */
function disassemble(path: string): Map<number, string> {
	const output = execFileSync('objdump', ['-d', '-w', '--no-show-raw-insn', '-j', '.text', path], {
		encoding: 'utf8',
		maxBuffer: 1 << 28,
	});
	const instructions = new Map<number, string>();
	for (const [, address = '', text = ''] of output.matchAll(/^ +([0-9a-f]+):\t(.*)$/gm)) {
		instructions.set(Number.parseInt(address, 16), text);
	}
	return instructions;
}

/** Addresses of exported functions; without those that exist in several versions under one name. */
function exportedFunctions(path: string): Map<string, number> {
	const lines = execFileSync('nm', ['-D', '--defined-only', path], { encoding: 'utf8' }).split('\n');
	const addresses = new Map<string, number>();
	const ambiguous = new Set<string>();
	for (const line of lines) {
		const [, address = '', name = ''] = /^([0-9a-f]+) [A-Za-z] ([^@]+)/.exec(line) ?? [];
		if (addresses.has(name)) ambiguous.add(name);
		addresses.set(name, Number.parseInt(address, 16));
	}
	for (const name of ambiguous) addresses.delete(name);
	return addresses;
}

/** Without comments, and with single blanks. */
function plain(text: string | undefined): string | undefined {
	return text
		?.replace(/ +#.*$| +<.*$/, '')
		.replace(/\s+/g, ' ')
		.trim();
}

/** Our words for an instruction, with the target of a branch as an address. */
function inWords(instruction: Instruction, code: Uint8Array, functionAddress: number): string | undefined {
	const form = formOf(instruction);
	if (form === undefined) return undefined;
	const target = branchTarget(instruction);
	return target === undefined
		? textOf(instruction, form, code)
		: `${form.name} ${(functionAddress + target).toString(16)}`;
}

/** More than any prologue; the rest of a function would only take time. */
const COMPARED_BYTES = 256;
const PATIENCE_MS = 60_000;

const libraries = process.arch === 'x64' && hasBinutils ? mappedLibraries() : [];

describe.skipIf(libraries.length === 0)('the functions of the libraries of this process', () => {
	let functions = 0;
	let instructions = 0;
	let unknown = 0;
	let named = 0;

	it.each(libraries)(
		'%s: instructions begin, end and read as a disassembler says',
		(path) => {
			const expected = disassemble(path);
			const addresses = exportedFunctions(path);
			const wrong: string[] = [];
			for (const { name, code } of findFunctions(path, new Set(addresses.keys()))) {
				const start = addresses.get(name) as number;
				if (!expected.has(start)) continue;
				functions++;
				for (let at = 0; at < Math.min(code.length, COMPARED_BYTES); ) {
					const instruction = decode(code, at);
					const text = plain(expected.get(start + at));
					if (instruction === undefined) {
						unknown += at + 15 <= code.length ? 1 : 0;
						break;
					}
					instructions++;
					const ours = inWords(instruction, code, start);
					if (ours !== undefined) named++;
					if (text === undefined || (ours !== undefined && ours !== text))
						wrong.push(`${name}+${at}: ${text}, not ${ours}`);
					at += instruction.length;
				}
			}
			expect(wrong.slice(0, 20)).toEqual([]);
		},
		PATIENCE_MS,
	);

	it('knows nearly all instructions, and what nearly all of them do', () => {
		expect(functions).toBeGreaterThan(2000);
		expect(instructions).toBeGreaterThan(50_000);
		expect(unknown / functions).toBeLessThan(0.01);
		expect(named / instructions).toBeGreaterThan(0.9);
	});
});
