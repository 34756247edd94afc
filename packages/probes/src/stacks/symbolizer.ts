import { type CodeFile, CodeFiles } from './code-files';
import { type CodeMapping, mappingAt, readCodeMappings } from './code-mappings';

/** Where in a program an address of a stack is. */
export interface StackFrame {
	readonly address: bigint;
	/** Path of the mapped file as the process sees it, or a name of the kernel such as `[vdso]`; absent for other memory. */
	readonly file?: string;
	/** Name of the function as the file has it, so mangled; absent where the file tells none. */
	readonly symbol?: string;
	/** Bytes from the start of the function, or without one the address within the file, as addr2line takes it. */
	readonly offset?: number;
}

/** Processes whose mappings are remembered. */
const MAX_PROCESSES = 1024;
/** Frames remembered of one process; a program has some thousand places that CUDA is called from. */
const MAX_FRAMES = 65_536;
/** Mappings are read again when an address is in none of them, after this long at the least, and twice as long after each time in vain. */
const RENEWAL_MS = 250;
/** And this often in any case: other code may have come to the same address. */
const LIFETIME_MS = 10_000;
/** Nothing is mapped below, by the kernel's vm.mmap_min_addr; no processor has user addresses from the other on. */
const LOWEST_ADDRESS = 0x1_0000n;
const END_OF_ADDRESSES = 1n << 56n;

interface ProcessCode {
	mappings: readonly CodeMapping[];
	readMs: number;
	/** How long after that they are read again for an address that is in none of them: code without frame pointers leaves many such. */
	renewalMs: number;
	/** By address, and whether it is a return address; those that a file was found for. */
	readonly frames: Map<bigint, StackFrame>;
	readonly files: Map<CodeMapping, CodeFile | undefined>;
}

/** Names the addresses of user stacks by the symbol tables of the files that the processes have mapped. */
export class Symbolizer {
	readonly #procRoot: string;
	readonly #files: CodeFiles;
	readonly #processes = new Map<number, ProcessCode>();

	constructor(procRoot = '/proc') {
		this.#procRoot = procRoot;
		this.#files = new CodeFiles(procRoot);
	}

	/**
	 * Names the addresses of one stack, innermost first, up to the first that cannot be one: where code keeps no frame pointer,
	 * a stack goes on with whatever was in that register. What is not known of a frame is left out; of a process that has ended
	 * before it was first asked for, that is all but the address.
	 */
	frames(pid: number, addresses: readonly bigint[]): StackFrame[] {
		const code = this.#codeOf(pid);
		const end = addresses.findIndex((address) => address < LOWEST_ADDRESS || address >= END_OF_ADDRESSES);
		return addresses.slice(0, end < 0 ? undefined : end).map((address, place) => {
			// All but the innermost are return addresses: behind a last call they are those of the next function.
			const back = place > 0 ? 1 : 0;
			const key = (address << 1n) | BigInt(back);
			const known = code.frames.get(key);
			if (known !== undefined) return known;
			const frame = this.#find(pid, code, address, back);
			if (frame.file !== undefined) {
				if (code.frames.size >= MAX_FRAMES) code.frames.clear();
				code.frames.set(key, frame);
			}
			return frame;
		});
	}

	/** Its process number may be another process's from now on. */
	forgetProcess(pid: number): void {
		this.#processes.delete(pid);
	}

	close(): void {
		this.#processes.clear();
		this.#files.close();
	}

	#codeOf(pid: number): ProcessCode {
		let code = this.#processes.get(pid);
		if (code === undefined) {
			if (this.#processes.size >= MAX_PROCESSES) this.#processes.delete(this.#processes.keys().next().value as number);
			code = {
				mappings: [],
				readMs: Number.NEGATIVE_INFINITY,
				renewalMs: RENEWAL_MS,
				frames: new Map(),
				files: new Map(),
			};
			this.#processes.set(pid, code);
		}
		if (performance.now() - code.readMs >= LIFETIME_MS) this.#renew(pid, code);
		return code;
	}

	/** What a process that has ended had mapped stays known. */
	#renew(pid: number, code: ProcessCode): void {
		code.readMs = performance.now();
		const mappings = readCodeMappings(pid, this.#procRoot);
		if (mappings === undefined) return;
		code.mappings = mappings;
		code.frames.clear();
		code.files.clear();
	}

	#find(pid: number, code: ProcessCode, address: bigint, back: number): StackFrame {
		const at = Number(address) - back;
		let mapping = mappingAt(code.mappings, at);
		if (mapping === undefined && performance.now() - code.readMs >= code.renewalMs) {
			this.#renew(pid, code);
			mapping = mappingAt(code.mappings, at);
			code.renewalMs = mapping === undefined ? 2 * code.renewalMs : RENEWAL_MS;
		}
		if (mapping === undefined || mapping.path === '') return { address };
		const file = this.#fileOf(pid, code, mapping);
		const place = at - mapping.start + mapping.fileOffset;
		const within = file?.addressOf(place) ?? place;
		const symbol = file?.symbolAt(within);
		return symbol === undefined
			? { address, file: mapping.path, offset: within + back }
			: { address, file: mapping.path, symbol: symbol.name, offset: symbol.offset + back };
	}

	#fileOf(pid: number, code: ProcessCode, mapping: CodeMapping): CodeFile | undefined {
		let file = code.files.get(mapping);
		if (file === undefined || !file.isOpen) {
			file = this.#files.of(pid, mapping);
			code.files.set(mapping, file);
		}
		return file;
	}
}
