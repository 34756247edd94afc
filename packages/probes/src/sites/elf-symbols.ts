import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ProbeError } from '../errors';

/** An exported function: where its code is in the file. */
export interface FunctionSymbol {
	readonly name: string;
	/** Bytes from the start of the file, what a uprobe wants. */
	readonly fileOffset: number;
	/** The first bytes of its code. */
	readonly code: Uint8Array;
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const SECTION_DYNSYM = 11;
const SEGMENT_LOAD = 1;
const SYMBOL_BYTES = 24;
const TYPE_FUNCTION = 2;
const CODE_BYTES = 16;
/** libcuda's table of exported symbols is a few hundred KB; more than this is not a library. */
const MAX_TABLE_BYTES = 64 << 20;

/**
 * Finds functions in the dynamic symbol table of a 64-bit little-endian ELF file (System V gABI, chapters 4 and 5).
 * Reads only the tables, not the file: libcuda has 100 MB.
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

function readFunctions(file: number, wanted: ReadonlySet<string>): FunctionSymbol[] {
	const size = fstatSync(file).size;
	const read = (offset: number, bytes: number) => readExactly(file, size, offset, bytes);
	const readTable = (offset: number, entryBytes: number, count: number) => {
		const table = read(offset, entryBytes * count);
		return Array.from({ length: count }, (_, i) => table.subarray(i * entryBytes, (i + 1) * entryBytes));
	};

	const header = read(0, HEADER_BYTES);
	if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) {
		throw new Error('not a 64-bit little-endian ELF file');
	}
	if (header.readUInt16LE(54) !== SEGMENT_BYTES || header.readUInt16LE(58) !== SECTION_BYTES) {
		throw new Error('its tables have entries of an unknown size');
	}
	const segments = readTable(Number(header.readBigUInt64LE(32)), SEGMENT_BYTES, header.readUInt16LE(56));
	const sections = readTable(Number(header.readBigUInt64LE(40)), SECTION_BYTES, header.readUInt16LE(60));
	const dynamic = sections.find((section) => section.readUInt32LE(4) === SECTION_DYNSYM);
	const strings = dynamic === undefined ? undefined : sections[dynamic.readUInt32LE(40)];
	if (dynamic === undefined || strings === undefined) throw new Error('no dynamic symbol table in it');
	const symbols = read(offsetOf(dynamic), sizeOf(dynamic));
	const names = read(offsetOf(strings), sizeOf(strings));
	const found: FunctionSymbol[] = [];
	for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
		const value = Number(symbols.readBigUInt64LE(at + 8));
		if (value === 0 || ((symbols[at + 4] as number) & 0xf) !== TYPE_FUNCTION) continue;
		const start = symbols.readUInt32LE(at);
		const end = names.indexOf(0, start);
		const name = names.toString('latin1', start, end < 0 ? names.length : end);
		if (!wanted.has(name)) continue;
		const fileOffset = fileOffsetOf(value, segments);
		if (fileOffset === undefined) throw new Error(`${name} lies outside the loaded segments`);
		found.push({ name, fileOffset, code: read(fileOffset, CODE_BYTES) });
	}
	return found;
}

function fileOffsetOf(address: number, segments: readonly Buffer[]): number | undefined {
	for (const segment of segments) {
		if (segment.readUInt32LE(0) !== SEGMENT_LOAD) continue;
		const start = Number(segment.readBigUInt64LE(16));
		const bytes = Number(segment.readBigUInt64LE(32));
		if (address >= start && address < start + bytes) return address - start + Number(segment.readBigUInt64LE(8));
	}
	return undefined;
}

function offsetOf(section: Buffer): number {
	return Number(section.readBigUInt64LE(24));
}

function sizeOf(section: Buffer): number {
	const bytes = Number(section.readBigUInt64LE(32));
	if (bytes > MAX_TABLE_BYTES) throw new Error(`a symbol table of ${bytes} bytes`);
	return bytes;
}

/** Looks at the size first: a damaged length must not ask for gigabytes of memory. */
function readExactly(file: number, size: number, offset: number, bytes: number): Buffer {
	if (offset + bytes > size) throw new Error('the file ends too early');
	const buffer = Buffer.alloc(bytes);
	if (readSync(file, buffer, 0, bytes, offset) !== bytes) throw new Error('the file ends too early');
	return buffer;
}
