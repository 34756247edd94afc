import { closeSync, openSync } from 'node:fs';
import { ElfFile, type ElfSection } from '../elf/elf-file';
import { ProbeError } from '../errors';

/** An exported function: where its code is in the file. */
export interface FunctionSymbol {
	readonly name: string;
	/** Bytes from the start of the file, what a uprobe wants. */
	readonly fileOffset: number;
	/** Its code from the start, at most {@link MAX_CODE_BYTES}, and never past its end. */
	readonly code: Uint8Array;
}

const SECTION_DYNSYM = 11;
const SYMBOL_BYTES = 24;
const TYPE_FUNCTION = 2;
/** More than any prologue, and what is looked through for branches back to it. */
const MAX_CODE_BYTES = 1024;
/** Of a function whose symbol has no size: hand-written ones may lack it. */
const UNSIZED_CODE_BYTES = 64;
/** e_machine (System V ABI supplements of x86-64 and arm64). */
const MACHINES: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
/** libcuda's table of exported symbols is a few hundred KB; more than this is not a library. */
const MAX_TABLE_BYTES = 64 << 20;

/**
 * Finds functions in the dynamic symbol table of a 64-bit little-endian ELF file (System V gABI, chapters 4 and 5), each
 * name once. Reads only the tables, not the file: libcuda has 100 MB. Takes some 50 ns a symbol, whatever the names are.
 *
 * @param wanted names to look for
 * @throws ProbeError INGERO_PROBES_BAD_LIBRARY when the file cannot be read or is no such file
 */
export function findFunctions(path: string, wanted: ReadonlySet<string>): FunctionSymbol[] {
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch (cause) {
		throw new ProbeError('INGERO_PROBES_BAD_LIBRARY', `cannot open ${path}: ${(cause as Error).message}`, { cause });
	}
	try {
		return readFunctions(file, wanted);
	} catch (cause) {
		if (cause instanceof ProbeError) throw cause;
		throw new ProbeError('INGERO_PROBES_BAD_LIBRARY', `${path} is damaged: ${(cause as Error).message}`, { cause });
	} finally {
		closeSync(file);
	}
}

function readFunctions(descriptor: number, wanted: ReadonlySet<string>): FunctionSymbol[] {
	const file = new ElfFile(descriptor);
	if (file.machine !== MACHINES[process.arch]) {
		throw new Error(`it is for another processor (ELF machine ${file.machine})`);
	}
	const dynamic = file.sections.find(({ type }) => type === SECTION_DYNSYM);
	const strings = dynamic === undefined ? undefined : file.sections[dynamic.link];
	if (dynamic === undefined || strings === undefined) throw new Error('no dynamic symbol table in it');
	const symbols = readTable(file, dynamic);
	const names = readTable(file, strings);
	const found = new Map<string, FunctionSymbol>();
	const match = nameMatcher(names, wanted);
	for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
		const value = Number(symbols.readBigUInt64LE(at + 8));
		if (value === 0 || ((symbols[at + 4] as number) & 0xf) !== TYPE_FUNCTION) continue;
		const name = match(symbols.readUInt32LE(at));
		if (name === undefined || found.has(name)) continue;
		const fileOffset = file.fileOffsetOf(value);
		if (fileOffset === undefined) throw new Error(`${name} lies outside the loaded segments`);
		const bytes = Number(symbols.readBigUInt64LE(at + 16)) || UNSIZED_CODE_BYTES;
		const readable = Math.min(bytes, MAX_CODE_BYTES, Math.max(0, file.size - fileOffset));
		found.set(name, { name, fileOffset, code: file.read(fileOffset, readable) });
	}
	return [...found.values()];
}

/**
 * Tells which of the wanted names begins at a place. It makes no string and looks no further than the longest: a table may
 * be all one name, and have millions of symbols that begin somewhere in it.
 */
function nameMatcher(names: Buffer, wanted: ReadonlySet<string>): (start: number) => string | undefined {
	const byHash = new Map<number, string[]>();
	for (const name of wanted) {
		const hash = hashAt(Buffer.from(name), 0, name.length);
		byHash.set(hash, [...(byHash.get(hash) ?? []), name]);
	}
	const longest = Math.max(0, ...[...wanted].map((name) => name.length));
	return (start) =>
		byHash.get(hashAt(names, start, start + longest + 1))?.find((name) => {
			const end = start + name.length;
			return names.toString('latin1', start, end) === name && (end === names.length || names[end] === 0);
		});
}

/** Hash of the bytes up to a zero, the end, or `before`. */
function hashAt(bytes: Buffer, start: number, before: number): number {
	let hash = 0;
	for (let at = start; at < before && at < bytes.length && bytes[at] !== 0; at++) {
		hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
	}
	return hash;
}

function readTable(file: ElfFile, { offset, bytes }: ElfSection): Buffer {
	if (bytes > MAX_TABLE_BYTES) throw new Error(`a symbol table of ${bytes} bytes`);
	return file.read(offset, bytes);
}
