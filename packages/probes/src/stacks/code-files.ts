import { type OpenFile, openFile } from '../discovery/open-file';
import { reachableFile } from '../discovery/reachable-file';
import { ElfFile } from '../elf/elf-file';
import { type FoundSymbol, SymbolTable } from '../elf/symbol-table';
import type { CodeMapping } from './code-mappings';

/** Files held open with their symbols; a PyTorch server maps some hundred. */
const MAX_FILES = 256;
/** Symbols of all of them, at 16 bytes each. */
const MAX_SYMBOLS = 4 << 20;

/** A file that code was mapped from. It is held open: its names are read when they are asked for. */
export class CodeFile {
	/** How many it has. */
	readonly symbols: number;
	/** False once it was dropped: then it knows no symbol, and must be asked for again. */
	isOpen = true;
	readonly #file: OpenFile;
	readonly #elf: ElfFile | undefined;
	readonly #table: SymbolTable | undefined;

	constructor(file: OpenFile, elf: ElfFile | undefined, table: SymbolTable | undefined) {
		this.#file = file;
		this.#elf = elf;
		this.#table = table;
		this.symbols = table?.size ?? 0;
	}

	/** The address within the file that addr2line takes; the place in the file where it is no ELF file. */
	addressOf(fileOffset: number): number {
		return this.#elf?.addressOf(fileOffset) ?? fileOffset;
	}

	symbolAt(address: number): FoundSymbol | undefined {
		try {
			return this.isOpen ? this.#table?.find(address) : undefined;
		} catch {
			// It was cut off, or overwritten in its place.
			return undefined;
		}
	}

	close(): void {
		this.isOpen = false;
		this.#file.close();
	}
}

/** The files that processes have code from, each once; those used last are kept. */
export class CodeFiles {
	readonly #procRoot: string;
	/** By device and inode, those used last at the end. While one is open, no other file can have its inode. */
	readonly #files = new Map<string, CodeFile>();
	#symbols = 0;

	constructor(procRoot: string) {
		this.#procRoot = procRoot;
	}

	/** The file behind a mapping of a process, whatever mount namespace it lies in; `undefined` where it can't be reached. */
	of(pid: number, mapping: CodeMapping): CodeFile | undefined {
		const { key, path, range, fileOffset } = mapping;
		if (key === undefined) return undefined;
		let file: OpenFile;
		try {
			file = openFile(reachableFile(pid, { key, path, range, fileOffset }, this.#procRoot));
		} catch {
			return undefined;
		}
		const known = this.#files.get(file.identity);
		if (known !== undefined) {
			file.close();
			this.#files.delete(file.identity);
			this.#files.set(file.identity, known);
			return known;
		}
		const added = readCode(file);
		this.#symbols += added.symbols;
		this.#files.set(file.identity, added);
		this.#dropOldest(added);
		return added;
	}

	close(): void {
		for (const file of this.#files.values()) file.close();
		this.#files.clear();
		this.#symbols = 0;
	}

	#dropOldest(kept: CodeFile): void {
		for (const [identity, file] of this.#files) {
			if (file === kept || (this.#files.size <= MAX_FILES && this.#symbols <= MAX_SYMBOLS)) return;
			this.#files.delete(identity);
			this.#symbols -= file.symbols;
			file.close();
		}
	}
}

function readCode(file: OpenFile): CodeFile {
	let elf: ElfFile | undefined;
	try {
		elf = new ElfFile(file.descriptor);
		return new CodeFile(file, elf, SymbolTable.read(elf));
	} catch {
		return new CodeFile(file, elf, undefined);
	}
}
