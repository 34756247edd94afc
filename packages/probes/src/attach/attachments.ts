import type { BpfObject } from '@ingero/bpf-loader-native';
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
	readonly #onEvent: (event: AttachEvent) => void;
	readonly #probes = new Map<string, LibraryProbes>();
	readonly #vanishedAtMs = new Map<string, number>();

	/**
	 * @param options.pids look at these processes only
	 * @param options.limitLinks with one pid, let the kernel limit the probes to it, so that no other process pays for them
	 */
	constructor(options: {
		readonly object: BpfObject;
		readonly multi: boolean;
		readonly pids: readonly number[] | undefined;
		readonly limitLinks: boolean;
		readonly onEvent: (event: AttachEvent) => void;
	}) {
		this.#object = options.object;
		this.#multi = options.multi;
		this.#discovery = new LibraryDiscovery({ pids: options.pids });
		this.#pid = options.limitLinks && options.pids?.length === 1 ? options.pids[0] : undefined;
		this.#onEvent = options.onEvent;
	}

	get cudaProcesses(): number[] {
		return this.#discovery.cudaProcesses;
	}

	get libraries(): readonly LibraryProbes[] {
		return [...this.#probes.values()];
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
			probes.detach();
			this.#onEvent({ type: 'detached', path: probes.path });
		}
	}

	detachAll(): void {
		for (const probes of this.#probes.values()) probes.detach();
		this.#probes.clear();
	}

	/** Through any process that maps the file, since each may end meanwhile; probes serve all of them alike. */
	#attach(key: string): void {
		let failure: (AttachEvent & { type: 'failed' }) | undefined;
		for (const { pid, path, reachablePath } of this.#discovery.mappersOf(key)) {
			let probes: LibraryProbes;
			try {
				probes = attachLibrary(this.#object, reachablePath, { multi: this.#multi, pid: this.#pid });
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
