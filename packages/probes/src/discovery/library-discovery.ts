import { readdirSync, readFileSync } from 'node:fs';
import { type MappedLibrary, mappedDriverLibraries } from './process-maps';

/** What a scan found out since the one before. */
export interface DiscoveryChange {
	/** Libraries that no process had mapped before, each with a process that has. */
	readonly appeared: readonly (MappedLibrary & { readonly pid: number })[];
	/** Keys of libraries that nobody maps any more. */
	readonly vanished: readonly string[];
}

interface KnownProcess {
	/** Size of the address space in pages: a process that maps a library grows by it. */
	readonly sizePages: string;
	readonly libraries: readonly MappedLibrary[];
}

/**
 * Finds the CUDA driver libraries in use on this machine, in whatever container, by looking at every process's mappings
 * again and again. The mappings, long for a big process, are read only when its size has changed.
 */
export class LibraryDiscovery {
	readonly #procRoot: string;
	readonly #pids: readonly number[] | undefined;
	readonly #processes = new Map<number, KnownProcess>();
	#known = new Set<string>();

	/** @param options.pids look at these processes only */
	constructor(options: { readonly pids?: readonly number[] | undefined; readonly procRoot?: string }) {
		this.#pids = options.pids;
		this.#procRoot = options.procRoot ?? '/proc';
	}

	/** Processes that had a driver library mapped at the last scan. */
	get cudaProcesses(): number[] {
		return [...this.#processes].filter(([, { libraries }]) => libraries.length > 0).map(([pid]) => pid);
	}

	/** Looks once; takes some 10 us a process. */
	scan(): DiscoveryChange {
		const seen = new Set<string>();
		const appeared: (MappedLibrary & { pid: number })[] = [];
		const alive = new Set<number>();
		for (const pid of this.#pids ?? listProcesses(this.#procRoot)) {
			const libraries = this.#librariesOf(pid);
			if (libraries === undefined) continue;
			alive.add(pid);
			for (const library of libraries) {
				if (!this.#known.has(library.key) && !seen.has(library.key)) appeared.push({ ...library, pid });
				seen.add(library.key);
			}
		}
		for (const pid of this.#processes.keys()) if (!alive.has(pid)) this.#processes.delete(pid);
		const vanished = [...this.#known].filter((key) => !seen.has(key));
		this.#known = seen;
		return { appeared, vanished };
	}

	#librariesOf(pid: number): readonly MappedLibrary[] | undefined {
		let sizePages: string;
		try {
			const statm = readFileSync(`${this.#procRoot}/${pid}/statm`, 'latin1');
			sizePages = statm.slice(0, statm.indexOf(' '));
		} catch {
			return undefined;
		}
		const known = this.#processes.get(pid);
		if (known?.sizePages === sizePages) return known.libraries;
		const libraries = sizePages === '0' ? [] : mappedDriverLibraries(pid, this.#procRoot);
		if (libraries === undefined) return undefined;
		this.#processes.set(pid, { sizePages, libraries });
		return libraries;
	}
}

function listProcesses(procRoot: string): number[] {
	return readdirSync(procRoot)
		.map(Number)
		.filter((pid) => Number.isInteger(pid) && pid > 0 && pid !== process.pid);
}
