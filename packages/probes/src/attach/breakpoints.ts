import { closeSync, openSync, readSync } from 'node:fs';
import type { MappedFile } from '../discovery/process-maps';
import { findFunctions } from '../sites/elf-symbols';
import type { SymbolReport } from './library-probes';

/**
 * Whether a process runs into some of these probes already: the kernel has put something else where the file has the
 * instruction. That is how two files turn out to be one, which overlayfs shows in each container under another number.
 *
 * @param path the file as the process has it
 * @param parts where the process has it mapped
 * @returns `undefined` where the memory of the process may not be read
 */
export function hasBreakpoints(
	pid: number,
	path: string,
	parts: readonly MappedFile[],
	symbols: readonly SymbolReport[],
): boolean | undefined {
	const offsets = new Map<string, number>();
	for (const { symbol, site, refused } of symbols) {
		if (site !== undefined && refused === undefined) offsets.set(symbol, site.offset);
	}
	let memory: number;
	try {
		memory = openSync(`/proc/${pid}/mem`, 'r');
	} catch {
		return undefined;
	}
	try {
		return findFunctions(path, new Set(offsets.keys())).some(({ name, fileOffset, code }) => {
			const offset = offsets.get(name) as number;
			const now = readByte(memory, addressOf(fileOffset + offset, parts));
			return now !== undefined && now !== code[offset];
		});
	} finally {
		closeSync(memory);
	}
}

function addressOf(offset: number, parts: readonly MappedFile[]): number | undefined {
	for (const { range, fileOffset } of parts) {
		const [start = 0, end = 0] = range.split('-').map((address) => Number.parseInt(address, 16));
		if (offset >= fileOffset && offset < fileOffset + end - start) return start + offset - fileOffset;
	}
	return undefined;
}

function readByte(memory: number, address: number | undefined): number | undefined {
	if (address === undefined) return undefined;
	const byte = new Uint8Array(1);
	try {
		return readSync(memory, byte, 0, 1, address) === 1 ? byte[0] : undefined;
	} catch {
		return undefined;
	}
}
