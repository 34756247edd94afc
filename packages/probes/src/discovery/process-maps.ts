import { readFileSync } from 'node:fs';

/** A CUDA driver library as one process has it mapped. */
export interface MappedLibrary {
	/** Device and inode of the mapped file: what a probe is attached to, whatever the path. */
	readonly key: string;
	/** Path as the process sees it. */
	readonly path: string;
	/** Path through which we can open that very file, in whatever mount namespace it lies. */
	readonly reachablePath: string;
}

/** `start-end perms offset dev inode   path`; the path is everything after the fifth field and may hold spaces. */
const MAPPING = /^[0-9a-f]+-[0-9a-f]+ ..x. [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+) (\d+) +(.*)$/gm;
const DRIVER_LIBRARY = /^libcuda\.so(\.[\d.]+)?$/;

/** What a process's list of mappings says. */
export interface DriverMappings {
	/** CUDA driver libraries mapped as code, each file once; most processes have none. */
	readonly libraries: readonly MappedLibrary[];
	/** A library is mapped, but not as code: the dynamic loader may be at it just now. */
	readonly unsettled: boolean;
}

/** @returns `undefined` when the process is gone or may not be looked at */
export function readDriverMappings(pid: number, procRoot = '/proc'): DriverMappings | undefined {
	let text: string;
	try {
		// Bytes, not text: a path may be in any encoding. The kernel writes a line feed in it as \012.
		text = readFileSync(`${procRoot}/${pid}/maps`, 'latin1');
	} catch {
		return undefined;
	}
	if (!text.includes('/libcuda.so')) return { libraries: [], unsettled: false };
	const libraries = new Map<string, MappedLibrary>();
	for (const [, device, inode, escaped] of text.matchAll(MAPPING)) {
		if (escaped === undefined || escaped.endsWith(' (deleted)')) continue;
		if (!DRIVER_LIBRARY.test(escaped.slice(escaped.lastIndexOf('/') + 1))) continue;
		const key = `${device}:${inode}`;
		const path = Buffer.from(escaped, 'latin1').toString('utf8').replaceAll('\\012', '\n');
		libraries.set(key, { key, path, reachablePath: `${procRoot}/${pid}/root${path}` });
	}
	return { libraries: [...libraries.values()], unsettled: libraries.size === 0 };
}
