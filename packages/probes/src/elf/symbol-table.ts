import type { ElfFile, ElfSection } from './elf-file';

/** A function, and how far into it an address is. */
export interface FoundSymbol {
	readonly name: string;
	/** Bytes from the function's start. */
	readonly offset: number;
}

const SECTION_SYMTAB = 2;
const SECTION_DYNSYM = 11;
const SYMBOL_BYTES = 24;
const TYPE_FUNCTION = 2;
const TYPE_INDIRECT_FUNCTION = 10;
/** libtorch_cuda has half a million symbols. A table of more than two million is not read: see {@link INDEX}. */
const MAX_SYMBOLS = 1 << 21;
/** A sort key holds address and index in the 53 bits of a number: addresses up to 4 GiB above the lowest. */
const INDEX = MAX_SYMBOLS;
const SPAN = 2 ** 32;
/** Symbols of the table that are in memory at a time while it is read. */
const CHUNK_SYMBOLS = 1 << 15;
/** Of a function whose symbol has no size: hand-written ones, `_init`. What lies far behind one is another function. */
const UNSIZED_BYTES = 64;
/** Names of one function that are looked at: a file made to be slow has a million. */
const MAX_ALIASES = 64;
/** Names that templates make are longer; of those the beginning is told. */
const MAX_NAME_BYTES = 512;

/**
 * The functions of an ELF file by address: of its full table where it has one, else of the one for the dynamic linker.
 * Names stay in the file until they are asked for.
 */
export class SymbolTable {
	/** Functions in it. */
	readonly size: number;
	readonly #file: ElfFile;
	readonly #names: ElfSection;
	readonly #lowest: number;
	/** `(address - lowest) * INDEX + index`, sorted. */
	readonly #keys: Float64Array;
	/** By index. */
	readonly #sizes: Uint32Array;
	readonly #nameOffsets: Uint32Array;

	/**
	 * @returns `undefined` for a file without symbols, or with too many
	 * @throws Error for a damaged file
	 */
	static read(file: ElfFile): SymbolTable | undefined {
		const symbols =
			file.sections.find(({ type }) => type === SECTION_SYMTAB) ??
			file.sections.find(({ type }) => type === SECTION_DYNSYM);
		const names = symbols && file.sections[symbols.link];
		if (symbols === undefined || names === undefined || symbols.bytes > MAX_SYMBOLS * SYMBOL_BYTES) return undefined;
		return new SymbolTable(file, symbols, names);
	}

	private constructor(file: ElfFile, symbols: ElfSection, names: ElfSection) {
		this.#file = file;
		this.#names = names;
		this.#lowest = Math.min(...file.segments.map(({ address }) => address));
		const count = Math.floor(symbols.bytes / SYMBOL_BYTES);
		const keys = new Float64Array(count);
		const sizes = new Uint32Array(count);
		const nameOffsets = new Uint32Array(count);
		let used = 0;
		for (let from = 0; from < count; from += CHUNK_SYMBOLS) {
			const length = Math.min(CHUNK_SYMBOLS, count - from);
			const chunk = file.read(symbols.offset + from * SYMBOL_BYTES, length * SYMBOL_BYTES);
			for (let at = 0; at < chunk.length; at += SYMBOL_BYTES) {
				const type = (chunk[at + 4] as number) & 0xf;
				const isDefined = chunk.readUInt16LE(at + 6) !== 0;
				if (!isDefined || (type !== TYPE_FUNCTION && type !== TYPE_INDIRECT_FUNCTION)) continue;
				const address = chunk.readUInt32LE(at + 8) + chunk.readUInt32LE(at + 12) * 2 ** 32 - this.#lowest;
				if (!(address >= 0 && address < SPAN)) continue;
				keys[used] = address * INDEX + used;
				sizes[used] = chunk.readUInt32LE(at + 20) === 0 ? chunk.readUInt32LE(at + 16) : 2 ** 32 - 1;
				nameOffsets[used] = chunk.readUInt32LE(at);
				used += 1;
			}
		}
		this.size = used;
		this.#keys = keys.slice(0, used).sort();
		this.#sizes = sizes.slice(0, used);
		this.#nameOffsets = nameOffsets.slice(0, used);
	}

	/**
	 * The function that an address lies in, never one that only lies near. Of several names of one function it is the
	 * shortest, and of those the first in the alphabet: the others are those of aliases.
	 *
	 * @throws Error for a file that is damaged, or closed
	 */
	find(address: number): FoundSymbol | undefined {
		const wanted = address - this.#lowest;
		const last = this.#lastUpTo(wanted);
		if (last < 0) return undefined;
		const start = this.#addressAt(last);
		const there: number[] = [];
		for (let place = last; place >= 0 && this.#addressAt(place) === start && there.length < MAX_ALIASES; place--) {
			there.push((this.#keys[place] as number) % INDEX);
		}
		const bytes = Math.max(...there.map((index) => this.#sizes[index] as number)) || UNSIZED_BYTES;
		if (wanted >= start + bytes) return undefined;
		const names = there.map((index) => this.#name(this.#nameOffsets[index] as number)).filter((name) => name !== '');
		const [name] = names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
		return name === undefined ? undefined : { name, offset: wanted - start };
	}

	/** Place of the last key whose address is not above `wanted`, -1 for none. */
	#lastUpTo(wanted: number): number {
		let low = 0;
		let high = this.#keys.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.#addressAt(middle) <= wanted) low = middle + 1;
			else high = middle;
		}
		return low - 1;
	}

	#addressAt(place: number): number {
		return Math.floor((this.#keys[place] as number) / INDEX);
	}

	#name(offset: number): string {
		const room = Math.min(MAX_NAME_BYTES, this.#names.bytes - offset);
		if (room <= 0) return '';
		const text = this.#file.read(this.#names.offset + offset, room);
		const end = text.indexOf(0);
		return text.toString('utf8', 0, end < 0 ? room : end);
	}
}
