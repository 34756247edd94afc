import { fstatSync, readSync } from 'node:fs';

/** A part of the file that is loaded into memory. */
export interface ElfSegment {
	readonly address: number;
	readonly fileOffset: number;
	/** In the file; in memory there may be more, zeros. */
	readonly fileBytes: number;
}

export interface ElfSection {
	/** sh_type: 2 is a symbol table, 11 that of the dynamic linker. */
	readonly type: number;
	readonly offset: number;
	readonly bytes: number;
	/** Number of the section that it belongs with; of a symbol table the one with the names. */
	readonly link: number;
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const SEGMENT_LOAD = 1;

/** The tables of a 64-bit little-endian ELF file (System V gABI, chapters 4 and 5); of the rest only what is asked for is read. */
export class ElfFile {
	/** e_machine: 62 is x86-64, 183 arm64. */
	readonly machine: number;
	/** Those that are loaded, in the file's order. */
	readonly segments: readonly ElfSegment[];
	readonly sections: readonly ElfSection[];
	/** Of the whole file, in bytes. */
	readonly size: number;
	readonly #descriptor: number;

	/**
	 * @param descriptor an open file; stays the caller's
	 * @throws Error when it cannot be read or is no such file
	 */
	constructor(descriptor: number) {
		this.#descriptor = descriptor;
		this.size = fstatSync(descriptor).size;
		const header = this.read(0, HEADER_BYTES);
		if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) {
			throw new Error('not a 64-bit little-endian ELF file');
		}
		if (header.readUInt16LE(54) !== SEGMENT_BYTES || header.readUInt16LE(58) !== SECTION_BYTES) {
			throw new Error('its tables have entries of an unknown size');
		}
		this.machine = header.readUInt16LE(18);
		this.segments = this.#table(header, 32, SEGMENT_BYTES, 56)
			.filter((entry) => entry.readUInt32LE(0) === SEGMENT_LOAD)
			.map((entry) => ({
				address: numberAt(entry, 16),
				fileOffset: numberAt(entry, 8),
				fileBytes: numberAt(entry, 32),
			}));
		this.sections = this.#table(header, 40, SECTION_BYTES, 60).map((entry) => ({
			type: entry.readUInt32LE(4),
			offset: numberAt(entry, 24),
			bytes: numberAt(entry, 32),
			link: entry.readUInt32LE(40),
		}));
	}

	/**
	 * Looks at the file's size first: a damaged length must not ask for gigabytes of memory.
	 *
	 * @throws Error when the file ends before
	 */
	read(offset: number, bytes: number): Buffer {
		if (offset + bytes > this.size) throw new Error('the file ends too early');
		const buffer = Buffer.alloc(bytes);
		if (readSync(this.#descriptor, buffer, 0, bytes, offset) !== bytes) throw new Error('the file ends too early');
		return buffer;
	}

	/** Where in the file is what is loaded at an address. */
	fileOffsetOf(address: number): number | undefined {
		const segment = this.segments.find(({ address: start, fileBytes }) => within(address, start, fileBytes));
		return segment && address - segment.address + segment.fileOffset;
	}

	/** The address at which a place in the file is loaded. */
	addressOf(fileOffset: number): number | undefined {
		const segment = this.segments.find(({ fileOffset: start, fileBytes }) => within(fileOffset, start, fileBytes));
		return segment && fileOffset - segment.fileOffset + segment.address;
	}

	/** The entries of a table that the header tells place and length of. */
	#table(header: Buffer, placeAt: number, entryBytes: number, countAt: number): Buffer[] {
		const count = header.readUInt16LE(countAt);
		const table = this.read(numberAt(header, placeAt), entryBytes * count);
		return Array.from({ length: count }, (_, i) => table.subarray(i * entryBytes, (i + 1) * entryBytes));
	}
}

function within(place: number, start: number, bytes: number): boolean {
	return place >= start && place < start + bytes;
}

function numberAt(entry: Buffer, at: number): number {
	return Number(entry.readBigUInt64LE(at));
}
