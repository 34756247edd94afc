import { checkInteger, checkText, checkU64, misuse } from './internal/check';
import type { Handle, ProgramDescription, ProgramStatistics } from './internal/native';
import type { ObjectState } from './internal/object-state';
import { BpfLink } from './link';

export interface UprobeOptions {
	/** File of the probed program or library. For a process in another mount namespace: `/proc/PID/root/…`. */
	readonly path: string;
	/** Name of a function in the file's symbol table, exported or not; leave out to attach at a file offset. */
	readonly symbol?: string;
	/** Bytes: from the start of `symbol` (default 0), or from the start of the file when there is no symbol. */
	readonly offset?: number;
	/** What `bpf_get_attach_cookie()` returns to the program, 64 bits. Default 0n. Kernel 5.15. */
	readonly cookie?: bigint;
	/** Only in this process (all of its threads, not children it forks later). Default: every process. */
	readonly pid?: number;
	/** Run when the function returns instead of when it is entered. Default false. */
	readonly return?: boolean;
}

export interface UprobeMultiOptions {
	/** As in {@link UprobeOptions}. */
	readonly path: string;
	/** File offsets (not addresses) of the sites, at least one; the kernel takes up to 2 ** 20. */
	readonly offsets: readonly number[];
	/** One for each offset, in the same order. Default: 0n everywhere. */
	readonly cookies?: readonly bigint[];
	/** Only in this process. Default: every process. Before kernel 6.10, only in its main thread. */
	readonly pid?: number;
	/** Run at return instead of entry. Not for `uprobe.session`, which runs at both. Default false. */
	readonly return?: boolean;
}

export interface KprobeOptions {
	/** Name of a kernel function, also of a loaded module, as in `/proc/kallsyms`. */
	readonly symbol: string;
	/** Bytes from the start of the function. Default 0. */
	readonly offset?: number;
	/** What `bpf_get_attach_cookie()` returns to the program, 64 bits. Default 0n. Kernel 5.15. */
	readonly cookie?: bigint;
	/** Run when the function returns instead of when it is entered; then there is no offset. Default false. */
	readonly return?: boolean;
}

/** Values of enum bpf_attach_type; older headers lack them. */
export const ATTACH_TYPES = { 'uprobe.multi': 48, 'uprobe.session': 57 } as const;

const FLAG_RETURN = 1;
const MAX_PID = 2 ** 22;
const MAX_SITES = 2 ** 20;
const MAX_FUNCTION_BYTES = 2 ** 30;

/** One eBPF program of an object. */
export class BpfProgram {
	readonly #state: ObjectState;
	readonly #index: number;

	/** @internal */
	constructor(state: ObjectState, index: number) {
		this.#state = state;
		this.#index = index;
	}

	get #description(): ProgramDescription {
		return this.#state.programs[this.#index] as ProgramDescription;
	}

	/** Name of the C function. */
	get name(): string {
		return this.#description.name;
	}

	/** The section it was compiled into, such as `uprobe` or `tp_btf/sched_switch`. */
	get section(): string {
		return this.#description.section;
	}

	/** 8-byte instructions; after load() those of the subprograms it calls are counted too. */
	get instructionCount(): number {
		return this.#description.instructionCount;
	}

	/** Whether load() loads it: true unless the object was opened with it in `disable`. */
	get enabled(): boolean {
		return this.#description.enabled;
	}

	/**
	 * Attaches to one function or instruction of a file through a perf event. Where many sites are probed,
	 * {@link attachUprobeMulti} costs the same per hit and detaches hundreds of times faster.
	 *
	 * The kernel attaches wherever it is told to; whether the site is a safe one is the caller's business.
	 *
	 * @throws {BpfError} INGERO_BPF_ATTACH
	 */
	attachUprobe(options: UprobeOptions): BpfLink {
		const object = this.#require('attach uprobe');
		const { path, symbol, offset = 0, cookie = 0n, pid, return: atReturn = false } = options;
		checkText('path', path);
		if (symbol !== undefined) checkText('symbol', symbol);
		if (symbol === undefined && options.offset === undefined) {
			throw misuse('options', 'a symbol, an offset or both', options);
		}
		checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER);
		checkU64('cookie', cookie);
		if (pid !== undefined) checkInteger('pid', pid, 1, MAX_PID);
		const { native } = this.#state;
		return new BpfLink(
			this.#state,
			native.programAttachUprobe(
				object,
				this.#index,
				path,
				symbol ?? '',
				offset,
				BigUint64Array.of(cookie),
				pid ?? -1,
				atReturn,
			),
		);
	}

	/**
	 * Attaches to any number of sites of one file with one link (kernel 6.6). The program must have been opened with
	 * `attachTypes: { [name]: 'uprobe.multi' }`, or `'uprobe.session'` (kernel 6.13) to run at entry and return.
	 *
	 * @throws {BpfError} INGERO_BPF_ATTACH; then no site is attached
	 */
	attachUprobeMulti(options: UprobeMultiOptions): BpfLink {
		const object = this.#require('attach uprobe_multi');
		const { path, offsets, cookies = [], pid, return: atReturn = false } = options;
		const attachType = this.#state.attachTypes.get(this.#index);
		if (attachType === undefined) {
			throw new TypeError(`program "${this.name}": open its object with attachTypes naming it`);
		}
		if (atReturn && attachType === 'uprobe.session') {
			throw misuse('return', 'false, since a session runs at entry and return', atReturn);
		}
		checkText('path', path);
		checkInteger('offsets.length', offsets.length, 1, MAX_SITES);
		for (const offset of offsets) checkInteger('offsets[]', offset, 0, Number.MAX_SAFE_INTEGER);
		if (cookies.length > 0) checkInteger('cookies.length', cookies.length, offsets.length, offsets.length);
		for (const cookie of cookies) checkU64('cookies[]', cookie);
		if (pid !== undefined) checkInteger('pid', pid, 1, MAX_PID);
		return new BpfLink(
			this.#state,
			this.#state.native.programAttachUprobeMulti(
				object,
				this.#index,
				path,
				BigUint64Array.from(offsets, BigInt),
				BigUint64Array.from(cookies),
				ATTACH_TYPES[attachType],
				atReturn ? FLAG_RETURN : 0,
				pid ?? 0,
			),
		);
	}

	/**
	 * Attaches to a kernel tracepoint, such as `('sched', 'sched_switch')`. Works where tracefs is not mounted too.
	 *
	 * @throws {BpfError} INGERO_BPF_ATTACH
	 */
	attachTracepoint(category: string, name: string): BpfLink {
		const object = this.#require('attach tracepoint');
		if (!/^[\w-]+$/.test(category)) throw misuse('category', 'the name of a tracepoint category', category);
		if (!/^[\w-]+$/.test(name)) throw misuse('name', 'the name of a tracepoint', name);
		return new BpfLink(this.#state, this.#state.native.programAttachTracepoint(object, this.#index, category, name));
	}

	/**
	 * Attaches a `tp_btf/NAME` program to the tracepoint that its section names.
	 *
	 * @throws {BpfError} INGERO_BPF_ATTACH
	 */
	attachBtfTracepoint(): BpfLink {
		const object = this.#require('attach BTF tracepoint');
		return this.#attachTrace(object, 'attach BTF tracepoint');
	}

	/**
	 * Attaches an `fentry/FUNCTION` or `fexit/FUNCTION` program to the kernel function that its section names. On a
	 * kernel where `features().fentry` is not supported this throws; a kprobe may still do.
	 *
	 * @throws {BpfError} INGERO_BPF_ATTACH
	 */
	attachFentry(): BpfLink {
		const object = this.#require('attach fentry');
		return this.#attachTrace(object, 'attach fentry');
	}

	/**
	 * Attaches a `kprobe` or `kretprobe` program to a kernel function. Many kernels for virtual machines are built
	 * without kprobes; see `features().kprobe`.
	 *
	 * @throws {BpfError} INGERO_BPF_ATTACH
	 */
	attachKprobe(options: KprobeOptions): BpfLink {
		const object = this.#require('attach kprobe');
		const { symbol, offset = 0, cookie = 0n, return: atReturn = false } = options;
		checkText('symbol', symbol);
		checkInteger('offset', offset, 0, MAX_FUNCTION_BYTES);
		checkU64('cookie', cookie);
		if (atReturn && offset !== 0) throw misuse('offset', '0, since a function is returned from as a whole', offset);
		const { native } = this.#state;
		return new BpfLink(
			this.#state,
			native.programAttachKprobe(object, this.#index, symbol, offset, BigUint64Array.of(cookie), atReturn),
		);
	}

	/** Run counters kept by the kernel; times and runs only count while `enableRunStatistics()` is in force. */
	statistics(): ProgramStatistics {
		return this.#state.native.programStatistics(this.#require('read program statistics'), this.#index);
	}

	#attachTrace(object: Handle<'object'>, operation: string): BpfLink {
		return new BpfLink(this.#state, this.#state.native.programAttachTrace(object, this.#index, operation));
	}

	#require(operation: string): Handle<'object'> {
		return this.#state.require(operation, this.#description);
	}
}
