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

/**
 * Lists the CUDA driver libraries a process has mapped as code; most processes have none.
 *
 * @returns `undefined` when the process is gone or may not be looked at
 */
export function mappedDriverLibraries(pid: number, procRoot = '/proc'): MappedLibrary[] | undefined {
	let text: string;
	try {
		text = readFileSync(`${procRoot}/${pid}/maps`, 'latin1');
	} catch {
		return undefined;
	}
	if (!text.includes('/libcuda.so')) return [];
	const libraries = new Map<string, MappedLibrary>();
	for (const [, device, inode, path] of text.matchAll(MAPPING)) {
		if (path === undefined || path.endsWith(' (deleted)')) continue;
		if (!DRIVER_LIBRARY.test(path.slice(path.lastIndexOf('/') + 1))) continue;
		const key = `${device}:${inode}`;
		libraries.set(key, { key, path, reachablePath: `${procRoot}/${pid}/root${path}` });
	}
	return [...libraries.values()];
}
