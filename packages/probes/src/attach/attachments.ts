import type { BpfObject } from '@ingero/bpf-loader-native';
import { LibraryDiscovery, type LibraryMapper } from '../discovery/library-discovery';
import { familiesOf } from '../discovery/library-families';
import { type OpenFile, openFile } from '../discovery/open-file';
import { reachableFile } from '../discovery/reachable-file';
import { ProbeError } from '../errors';
import type { FunctionFamily, ProbedFunction } from '../functions';
import { hasBreakpoints } from './breakpoints';
import { attachLibrary, type LibraryProbes, type SitePolicy } from './library-probes';

/** A library with probes is left alone this long after its last user is gone: the next one is often on its way. */
const KEEP_MS = 30_000;
/** Looking for libraries takes at most this share of a processor, as long as a pause gets no longer than it may. */
const MAX_SHARE = 0.01;
const MAX_PAUSE_MS = 2000;
/** Processes through which a library is reached for before it is given up until the next look. */
const MAX_MAPPERS = 8;

/** News from discovery, for a log or a screen. */
export type AttachEvent =
	| { readonly type: 'attached'; readonly path: string; readonly pid: number; readonly probes: LibraryProbes }
	| { readonly type: 'failed'; readonly path: string; readonly pid: number; readonly error: unknown }
	| { readonly type: 'detached'; readonly path: string };

/** A library with probes. The file stays open, since they may be taken off and put on again. */
interface ProbedFile {
	readonly file: OpenFile;
	/** As the process sees it through which it was found, whose number is 0 where there was none yet. */
	readonly path: string;
	readonly pid: number;
	readonly families: readonly FunctionFamily[];
	probes: LibraryProbes;
}

/** Keeps probes on every library in use that has a function to probe, once per file. */
export class Attachments {
	readonly #object: BpfObject;
	readonly #discovery: LibraryDiscovery;
	readonly #policy: SitePolicy & { readonly multi: boolean; readonly pid: number | undefined };
	readonly #functions: readonly ProbedFunction[];
	readonly #onEvent: (event: AttachEvent) => void;
	/** Those that were there before any process, and stay. */
	readonly #ahead: ProbedFile[] = [];
	/** By the key of a mapped library; two keys may stand for one file. */
	readonly #probed = new Map<string, ProbedFile>();
	readonly #vanishedAtMs = new Map<string, number>();
	#scanAtMs = Number.NEGATIVE_INFINITY;

	/**
	 * @param options.pids look at these processes only
	 * @param options.uids look at processes with one of these real user ids only
	 * @param options.limitLinks with one pid, let the kernel limit the probes to it, so that no other process pays for them
	 * @param options.functions what is probed; libraries of other families are not looked for
	 */
	constructor(options: {
		readonly object: BpfObject;
		readonly multi: boolean;
		readonly pids: readonly number[] | undefined;
		readonly uids?: readonly number[] | undefined;
		readonly limitLinks: boolean;
		readonly functions: readonly ProbedFunction[];
		readonly policy?: SitePolicy;
		readonly onEvent: (event: AttachEvent) => void;
	}) {
		const { object, multi, pids, uids, limitLinks, functions, policy, onEvent } = options;
		this.#object = object;
		const families = [...new Set(functions.map(({ family }) => family))];
		this.#discovery = new LibraryDiscovery({ pids, uids, families });
		this.#policy = { ...policy, multi, pid: limitLinks && pids?.length === 1 ? pids[0] : undefined };
		this.#functions = functions;
		this.#onEvent = onEvent;
	}

	get cudaProcesses(): number[] {
		return this.#discovery.cudaProcesses;
	}

	get libraries(): readonly LibraryProbes[] {
		return this.#files.map(({ probes }) => probes);
	}

	/**
	 * Probes a library before a process maps it, so that none of a process's calls is missed; for good, since that costs
	 * nobody anything. One that cannot be probed is left to {@link update}, which says why once it is in use.
	 */
	attachAhead(path: string): void {
		let file: OpenFile | undefined;
		try {
			file = openFile(path);
			const { identity } = file;
			if (this.#ahead.every((other) => other.file.identity !== identity)) {
				this.#ahead.push(this.#probe({ file, path, pid: 0, families: familiesOf(file.path) }));
				return;
			}
		} catch {}
		file?.close();
	}

	/** Looks for new and for unused libraries. A library that cannot be probed is reported, and does not stop others. */
	update(nowMs: number): void {
		if (nowMs < this.#scanAtMs) return;
		const started = process.cpuUsage();
		const { appeared, vanished } = this.#discovery.scan();
		const { user, system } = process.cpuUsage(started);
		// The first look, at everything there is, takes longer than any other.
		const isFirst = this.#scanAtMs === Number.NEGATIVE_INFINITY;
		const pauseMs = isFirst ? 0 : (user + system) / 1000 / MAX_SHARE;
		this.#scanAtMs = nowMs + Math.min(pauseMs, MAX_PAUSE_MS);
		for (const key of vanished) this.#vanishedAtMs.set(key, nowMs);
		for (const { key } of appeared) {
			this.#vanishedAtMs.delete(key);
			if (!this.#probed.has(key)) this.#attach(key);
		}
		for (const [key, sinceMs] of this.#vanishedAtMs) {
			if (nowMs - sinceMs < KEEP_MS) continue;
			this.#vanishedAtMs.delete(key);
			this.#leave(key);
		}
	}

	/** Takes all probes off, until {@link resume}; what is found in use meanwhile is not probed before. */
	suspend(): void {
		for (const { probes } of this.#files) probes.detach();
	}

	/** Puts the probes on again. A library where the kernel refuses that is reported. */
	resume(): void {
		for (const probed of this.#files) {
			try {
				probed.probes = this.#probe(probed).probes;
			} catch (error) {
				this.#onEvent({ type: 'failed', path: probed.path, pid: probed.pid, error });
			}
		}
	}

	detachAll(): void {
		for (const probed of this.#files) release(probed);
		this.#probed.clear();
		this.#ahead.length = 0;
	}

	get #files(): ProbedFile[] {
		return [...new Set([...this.#ahead, ...this.#probed.values()])];
	}

	#probe(file: Omit<ProbedFile, 'probes'>): ProbedFile {
		const functions = this.#functions.filter(({ family }) => file.families.includes(family));
		try {
			const probes = attachLibrary(this.#object, file.file.path, { ...this.#policy, functions });
			return { ...file, probes: { ...probes, path: file.path } };
		} catch (error) {
			if (!(error instanceof ProbeError)) throw error;
			// Named as the process knows it.
			throw new ProbeError(error.code, error.message.replaceAll(file.file.path, file.path), { cause: error.cause });
		}
	}

	/** Through any process that maps the file, since each may end meanwhile; probes serve all of them alike. */
	#attach(key: string): void {
		for (const mapper of this.#discovery.mappersOf(key).slice(0, MAX_MAPPERS)) {
			const { pid, path } = mapper;
			try {
				const probed = this.#reach(mapper);
				this.#probed.set(key, probed);
				this.#onEvent({ type: 'attached', path, pid, probes: probed.probes });
				return;
			} catch (error) {
				if (!this.#discovery.isMapped(pid, key)) continue;
				this.#onEvent({ type: 'failed', path, pid, error });
				return;
			}
		}
		this.#discovery.forget(key);
	}

	#reach(mapper: LibraryMapper): ProbedFile {
		const { pid, path, families } = mapper;
		const file = openFile(reachableFile(pid, mapper));
		try {
			const known = this.#files.find((other) => this.#isSame(mapper, file, other));
			if (known === undefined) return this.#probe({ file, path, pid, families });
			file.close();
			return known;
		} catch (error) {
			file.close();
			throw error;
		}
	}

	#isSame({ pid, key }: LibraryMapper, file: OpenFile, other: ProbedFile): boolean {
		if (file.identity === other.file.identity) return true;
		if (file.likeness() !== other.file.likeness()) return false;
		const parts = this.#discovery.partsOf(pid, key);
		return hasBreakpoints(pid, file.path, parts, other.probes.symbols) ?? file.inode === other.file.inode;
	}

	#leave(key: string): void {
		const probed = this.#probed.get(key);
		this.#probed.delete(key);
		if (probed === undefined || this.#files.includes(probed)) return;
		release(probed);
		this.#onEvent({ type: 'detached', path: probed.path });
	}
}

function release({ probes, file }: ProbedFile): void {
	probes.detach();
	file.close();
}
