import type { BpfObject } from '@ingero/bpf-loader-native';
import { fileKey } from '../discovery/installed-libraries';
import { LibraryDiscovery } from '../discovery/library-discovery';
import { readDriverMappings } from '../discovery/process-maps';
import { attachLibrary, type LibraryProbes } from './library-probes';

/** A library with probes is left alone this long after its last user is gone: the next one is often on its way. */
const KEEP_MS = 30_000;

/** News from discovery, for a log or a screen. */
export type AttachEvent =
	| { readonly type: 'attached'; readonly path: string; readonly pid: number; readonly probes: LibraryProbes }
	| { readonly type: 'failed'; readonly path: string; readonly pid: number; readonly error: unknown }
	| { readonly type: 'detached'; readonly path: string };

/** Keeps probes on every driver library in use, once per file. */
export class Attachments {
	readonly #object: BpfObject;
	readonly #discovery: LibraryDiscovery;
	readonly #multi: boolean;
	readonly #pid: number | undefined;
	readonly #memory: boolean;
	readonly #onEvent: (event: AttachEvent) => void;
	readonly #probes = new Map<string, LibraryProbes>();
	readonly #vanishedAtMs = new Map<string, number>();
	/** By file: probes that were there before any process, and stay. */
	readonly #ahead = new Map<string, LibraryProbes>();

	/**
	 * @param options.pids look at these processes only
	 * @param options.limitLinks with one pid, let the kernel limit the probes to it, so that no other process pays for them
	 */
	constructor(options: {
		readonly object: BpfObject;
		readonly multi: boolean;
		readonly pids: readonly number[] | undefined;
		readonly limitLinks: boolean;
		readonly memory: boolean;
		readonly onEvent: (event: AttachEvent) => void;
	}) {
		this.#object = options.object;
		this.#multi = options.multi;
		this.#discovery = new LibraryDiscovery({ pids: options.pids });
		this.#pid = options.limitLinks && options.pids?.length === 1 ? options.pids[0] : undefined;
		this.#memory = options.memory;
		this.#onEvent = options.onEvent;
	}

	get cudaProcesses(): number[] {
		return this.#discovery.cudaProcesses;
	}

	get libraries(): readonly LibraryProbes[] {
		return [...new Set([...this.#ahead.values(), ...this.#probes.values()])];
	}

	/**
	 * Probes a library before a process maps it, so that none of a process's calls is missed; for good, since that costs
	 * nobody anything. One that cannot be probed is left to {@link update}, which says why once it is in use.
	 */
	attachAhead(path: string): void {
		const file = fileKey(path);
		if (file === undefined || this.#ahead.has(file)) return;
		try {
			const options = { multi: this.#multi, pid: this.#pid, memory: this.#memory };
			this.#ahead.set(file, attachLibrary(this.#object, path, options));
		} catch {
			return;
		}
	}

	/** Looks for new and for unused libraries. A library that cannot be probed is reported, and does not stop others. */
	update(nowMs: number): void {
		const { appeared, vanished } = this.#discovery.scan();
		for (const key of vanished) this.#vanishedAtMs.set(key, nowMs);
		for (const { key } of appeared) {
			this.#vanishedAtMs.delete(key);
			if (!this.#probes.has(key)) this.#attach(key);
		}
		for (const [key, sinceMs] of this.#vanishedAtMs) {
			if (nowMs - sinceMs < KEEP_MS) continue;
			this.#vanishedAtMs.delete(key);
			const probes = this.#probes.get(key);
			if (probes === undefined) continue;
			this.#probes.delete(key);
			if ([...this.#ahead.values()].includes(probes)) continue;
			probes.detach();
			this.#onEvent({ type: 'detached', path: probes.path });
		}
	}

	detachAll(): void {
		for (const probes of this.libraries) probes.detach();
		this.#probes.clear();
		this.#ahead.clear();
	}

	/** Through any process that maps the file, since each may end meanwhile; probes serve all of them alike. */
	#attach(key: string): void {
		let failure: (AttachEvent & { type: 'failed' }) | undefined;
		for (const { pid, path, reachablePath } of this.#discovery.mappersOf(key)) {
			let probes: LibraryProbes;
			try {
				const options = { multi: this.#multi, pid: this.#pid, memory: this.#memory };
				probes = this.#ahead.get(fileKey(reachablePath) ?? '') ?? attachLibrary(this.#object, reachablePath, options);
			} catch (error) {
				const stillMapped = readDriverMappings(pid)?.libraries.some((library) => library.key === key) ?? false;
				if (stillMapped) failure = { type: 'failed', path, pid, error };
				continue;
			}
			this.#probes.set(key, probes);
			this.#onEvent({ type: 'attached', path, pid, probes });
			return;
		}
		if (failure === undefined) this.#discovery.forget(key);
		else this.#onEvent(failure);
	}
}
