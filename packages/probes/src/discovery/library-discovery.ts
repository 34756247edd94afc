import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { FunctionFamily } from '../functions';
import { familiesByName, familiesOf, mayBeOf, NAME_BEGINNINGS } from './library-families';
import { type MappedFile, readMappings } from './process-maps';
import { reachableFile } from './reachable-file';

/** A CUDA library as one process has it mapped; {@link reachableFile} opens it. */
export interface MappedLibrary extends MappedFile {
	/** Whose functions it exports, as far as anybody asked for them. */
	readonly families: readonly FunctionFamily[];
}

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

/** Options of a {@link LibraryDiscovery}; all may be left out. */
export interface DiscoveryOptions {
	/** Look at these processes only. */
	readonly pids?: readonly number[] | undefined;
	/** Look at processes with one of these real user ids only. */
	readonly uids?: readonly number[] | undefined;
	/** Whose libraries to look for. Default: the driver's. */
	readonly families?: readonly FunctionFamily[] | undefined;
	/** A scan stops after so many ms, and the next one goes on from there: some lists of mappings are very long. Default 50. */
	readonly scanMs?: number | undefined;
	readonly procRoot?: string | undefined;
}

/** A process whose size has not changed for so many scans is settled: it is looked at in turn with its like. */
const SETTLED_AFTER_SCANS = 40;
/** Of the settled processes, at least so many are looked at in a scan, and at least this share. */
const SETTLED_LOOKS = 50;
const SETTLED_SHARE = 1 / 16;
/** After a change of size, looks at the amount of code: the loader takes the whole range first, and may be held up then. */
const CODE_LOOKS = 4;
const SCAN_MS = 50;
/** Files of our names that one process may have mapped; a program with more of them is up to something else. */
const MAX_FILES = 64;

interface KnownProcess {
	/** Size of the address space in pages: a process that maps a library grows by it. */
	readonly sizePages: string;
	/** Its owner, and how much code there is in it: that grows a moment later than the size. */
	readonly code: CodeSize | undefined;
	/** So many looks more are at its code, whatever its size. */
	readonly codeLooks: number;
	readonly changedAtScan: number;
	readonly files: readonly MappedFile[];
	readonly libraries: readonly MappedLibrary[];
	/** What lay at each library's addresses when its mappings were read, where we may know. */
	readonly mapped: readonly string[];
}

/**
 * Finds the CUDA libraries in use on this machine, in whatever container, by looking at processes again and again. The
 * mappings, long for a big process, are read only when there is more or less code in it than before, or another file lies
 * where a library was.
 * New processes, those that changed lately and those that use CUDA are looked at in every scan, others in turn.
 */
export class LibraryDiscovery {
	readonly #procRoot: string;
	readonly #pids: readonly number[] | undefined;
	readonly #uids: ReadonlySet<number> | undefined;
	readonly #families: readonly FunctionFamily[];
	readonly #scanMs: number;
	readonly #processes = new Map<number, KnownProcess>();
	/** What files of our names are, by key, while some process maps them. */
	readonly #familiesOf = new Map<string, readonly FunctionFamily[]>();
	#known = new Set<string>();
	#scans = 0;
	/** The settled process that was looked at last, and the other one. */
	#settledAt = 0;
	#urgentAt = 0;

	constructor(options: DiscoveryOptions = {}) {
		this.#pids = options.pids?.toSorted((a, b) => a - b);
		this.#uids = options.uids === undefined ? undefined : new Set(options.uids);
		this.#families = options.families ?? ['driver'];
		this.#scanMs = options.scanMs ?? SCAN_MS;
		this.#procRoot = options.procRoot ?? '/proc';
	}

	/** Processes that had a driver library mapped when they were last looked at. */
	get cudaProcesses(): number[] {
		return [...this.#processes]
			.filter(([, { libraries }]) => libraries.some(({ families }) => families.includes('driver')))
			.map(([pid]) => pid);
	}

	/** Processes that had this library mapped when they were last looked at. */
	mappersOf(key: string): LibraryMapper[] {
		return [...this.#processes].flatMap(([pid, { libraries }]) =>
			libraries.filter((library) => library.key === key).map((library) => ({ ...library, pid })),
		);
	}

	/** Where a process had a file mapped as code when it was last looked at. */
	partsOf(pid: number, key: string): MappedFile[] {
		return (this.#processes.get(pid)?.files ?? []).filter((file) => file.key === key);
	}

	/** Looks whether a process has a file mapped as code now. */
	isMapped(pid: number, key: string): boolean {
		return this.#read(pid)?.some((file) => file.key === key) ?? false;
	}

	/** Makes a library appear again at the next scan, if it is still in use. */
	forget(key: string): void {
		this.#known.delete(key);
	}

	/** Looks once; takes some 2 us a process, and 15 us for each that is looked at. */
	scan(): DiscoveryChange {
		this.#scans += 1;
		const pids = this.#pids ?? listProcesses(this.#procRoot);
		const alive = new Set(pids);
		for (const pid of this.#processes.keys()) if (!alive.has(pid)) this.#processes.delete(pid);
		this.#lookAt(pids);

		const seen = new Set<string>();
		const named = new Set<string>();
		const appeared: LibraryMapper[] = [];
		for (const [pid, { files, libraries }] of this.#processes) {
			for (const { key } of files) named.add(key);
			for (const library of libraries) {
				if (!this.#known.has(library.key) && !seen.has(library.key)) appeared.push({ ...library, pid });
				seen.add(library.key);
			}
		}
		for (const key of this.#familiesOf.keys()) if (!named.has(key)) this.#familiesOf.delete(key);
		const vanished = [...this.#known].filter((key) => !seen.has(key));
		this.#known = seen;
		return { appeared, vanished };
	}

	#lookAt(pids: readonly number[]): void {
		const untilMs = performance.now() + this.#scanMs;
		const settled = pids.filter((pid) => this.#isSettled(pid));
		const urgent = pids.filter((pid) => !this.#isSettled(pid));
		for (const pid of after(urgent, this.#urgentAt)) {
			if (performance.now() > untilMs) return;
			this.#look(pid);
			this.#urgentAt = pid;
		}
		const turns = Math.max(SETTLED_LOOKS, Math.ceil(settled.length * SETTLED_SHARE));
		for (const pid of after(settled, this.#settledAt).slice(0, turns)) {
			if (performance.now() > untilMs) return;
			this.#look(pid);
			this.#settledAt = pid;
		}
	}

	#isSettled(pid: number): boolean {
		const known = this.#processes.get(pid);
		if (known === undefined || known.libraries.length > 0) return false;
		return this.#scans - known.changedAtScan > SETTLED_AFTER_SCANS;
	}

	#look(pid: number): void {
		const sizePages = this.#sizeOf(pid);
		const known = this.#processes.get(pid);
		if (sizePages === undefined) {
			this.#processes.delete(pid);
			return;
		}
		const isChanging = known?.sizePages !== sizePages;
		const isSwapped = known?.libraries.some((file, i) => this.#identity(pid, file) !== known.mapped[i]) ?? false;
		if (!isChanging && known.codeLooks === 0 && !isSwapped) return;
		const code = sizePages === '0' ? undefined : this.#codeOf(pid);
		const codeLooks = isChanging ? CODE_LOOKS : Math.max(known.codeLooks - 1, 0);
		// What runs already when we begin is settled until it changes.
		const changedAtScan = isChanging
			? this.#scans === 1
				? Number.NEGATIVE_INFINITY
				: this.#scans
			: known.changedAtScan;
		const seen = { sizePages, code, codeLooks, changedAtScan };
		if (
			known !== undefined &&
			!isSwapped &&
			known.code?.uid === code?.uid &&
			known.code?.kilobytes === code?.kilobytes
		) {
			this.#processes.set(pid, { ...known, ...seen });
			return;
		}
		const files = code === undefined || this.#uids?.has(code.uid) === false ? [] : this.#read(pid);
		if (files === undefined) {
			this.#processes.delete(pid);
			return;
		}
		const libraries = this.#librariesAmong(pid, files);
		const mapped = libraries.map((library) => this.#identity(pid, library));
		this.#processes.set(pid, { ...seen, files, libraries, mapped });
	}

	#sizeOf(pid: number): string | undefined {
		const text = readStart(`${this.#procRoot}/${pid}/statm`);
		return text?.slice(0, text.indexOf(' '));
	}

	#codeOf(pid: number): CodeSize | undefined {
		const [, uid, own, libraries] = CODE.exec(readStart(`${this.#procRoot}/${pid}/status`) ?? '') ?? [];
		return uid === undefined ? undefined : { uid: Number(uid), kilobytes: Number(own) + Number(libraries) };
	}

	#read(pid: number): MappedFile[] | undefined {
		const matches = (name: string) => mayBeOf(this.#families, name);
		return readMappings(pid, { beginnings: NAME_BEGINNINGS, matches }, this.#procRoot);
	}

	/** Each library once, by the first part of it that is mapped. */
	#librariesAmong(pid: number, files: readonly MappedFile[]): MappedLibrary[] {
		const libraries = new Map<string, MappedLibrary>();
		for (const file of files) {
			if (libraries.has(file.key) || libraries.size === MAX_FILES) continue;
			const families = this.#familiesAt(pid, file).filter((family) => this.#families.includes(family));
			if (families.length > 0) libraries.set(file.key, { ...file, families });
		}
		return [...libraries.values()];
	}

	#familiesAt(pid: number, file: MappedFile): readonly FunctionFamily[] {
		const known = this.#familiesOf.get(file.key);
		if (known !== undefined) return known;
		let families: readonly FunctionFamily[];
		try {
			families = familiesOf(reachableFile(pid, file, this.#procRoot));
			// A driver without a function of ours is told of, too.
			if (families.length === 0) families = familiesByName(file.path).filter((family) => family === 'driver');
		} catch {
			// What cannot be read cannot be probed either, which is then said of it by name.
			families = familiesByName(file.path);
		}
		this.#familiesOf.set(file.key, families);
		return families;
	}

	/** Empty where nothing is mapped any more, or we may not look. */
	#identity(pid: number, { range }: MappedFile): string {
		try {
			const { dev, ino } = statSync(`${this.#procRoot}/${pid}/map_files/${range}`);
			return `${dev}:${ino}`;
		} catch {
			return '';
		}
	}
}

/** Nothing is known of a kernel thread, and of a process that is ending. */
interface CodeSize {
	/** Real user id of the owner. */
	readonly uid: number;
	readonly kilobytes: number;
}

const CODE = /^Uid:\t(\d+)[\s\S]*^VmExe:\s+(\d+) kB\nVmLib:\s+(\d+) kB/m;
const START = Buffer.alloc(4096);

/** As much of a file as one reading gives; these are short. */
function readStart(path: string): string | undefined {
	let file: number | undefined;
	try {
		file = openSync(path, 'r');
		return START.toString('latin1', 0, readSync(file, START, 0, START.length, 0));
	} catch {
		return undefined;
	} finally {
		if (file !== undefined) closeSync(file);
	}
}

function listProcesses(procRoot: string): number[] {
	return readdirSync(procRoot)
		.map(Number)
		.filter((pid) => Number.isInteger(pid) && pid > 0 && pid !== process.pid);
}

/** All of them, beginning behind one that need not be there any more. */
function after(pids: readonly number[], last: number): number[] {
	const start = pids.findIndex((pid) => pid > last);
	return start <= 0 ? [...pids] : [...pids.slice(start), ...pids.slice(0, start)];
}
