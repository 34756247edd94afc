import { readdirSync, readFileSync } from 'node:fs';
import { type DriverMappings, type MappedLibrary, readDriverMappings } from './process-maps';

/** A library and a process that has it mapped. */
export interface LibraryMapper extends MappedLibrary {
	readonly pid: number;
}

/** What a scan found out since the one before. */
export interface DiscoveryChange {
	/** Libraries that no process had mapped before, each with a process that has. */
	readonly appeared: readonly LibraryMapper[];
	/** Keys of libraries that nobody maps any more. */
	readonly vanished: readonly string[];
}

interface KnownProcess extends DriverMappings {
	/** Size of the address space in pages: a process that maps a library grows by it. */
	readonly sizePages: string;
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
	constructor(options: { readonly pids?: readonly number[] | undefined; readonly procRoot?: string } = {}) {
		this.#pids = options.pids;
		this.#procRoot = options.procRoot ?? '/proc';
	}

	/** Processes that had a driver library mapped at the last scan. */
	get cudaProcesses(): number[] {
		return [...this.#processes].filter(([, { libraries }]) => libraries.length > 0).map(([pid]) => pid);
	}

	/** Processes that had this library mapped at the last scan. */
	mappersOf(key: string): LibraryMapper[] {
		return [...this.#processes].flatMap(([pid, { libraries }]) =>
			libraries.filter((library) => library.key === key).map((library) => ({ ...library, pid })),
		);
	}

	/** Makes a library appear again at the next scan, if it is still in use. */
	forget(key: string): void {
		this.#known.delete(key);
	}

	/** Looks once; takes some 10 us a process. */
	scan(): DiscoveryChange {
		const seen = new Set<string>();
		const appeared: LibraryMapper[] = [];
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
		// The size is settled before the code is mapped: the loader takes the whole range first.
		if (known?.sizePages === sizePages && !known.unsettled) return known.libraries;
		const mappings = sizePages === '0' ? NO_MAPPINGS : readDriverMappings(pid, this.#procRoot);
		if (mappings === undefined) return undefined;
		this.#processes.set(pid, { sizePages, ...mappings });
		return mappings.libraries;
	}
}

/** Kernel threads and processes that are ending. */
const NO_MAPPINGS: DriverMappings = { libraries: [], unsettled: false };

function listProcesses(procRoot: string): number[] {
	return readdirSync(procRoot)
		.map(Number)
		.filter((pid) => Number.isInteger(pid) && pid > 0 && pid !== process.pid);
}
