import { createHash } from 'node:crypto';
import { assertPid, DEFAULT_PROC_ROOT, type ProcOptions, readTextFile } from '../proc-files';

/**
 * The cgroup path that identifies a workload, from the text of `/proc/<pid>/cgroup`.
 *
 * It is the version 2 path (the `0::` line). Where that says only `/` although a version 1 controller knows a longer
 * path, as on hosts that mount both and use the old one, it is the memory controller's path, else the longest.
 *
 * @returns `undefined` for text without a single well-formed line
 * @see cgroups(7), "/proc/pid/cgroup"
 */
export function parseCgroupPath(text: string): string | undefined {
	let unified: string | undefined;
	let memory: string | undefined;
	let longest: string | undefined;
	for (const line of text.split('\n')) {
		const [, hierarchy, controllers, path] = line.match(/^(\d+):([^:]*):(\/.*)$/) ?? [];
		if (path === undefined) continue;
		if (hierarchy === '0' && controllers === '') unified = path;
		else {
			if (controllers?.split(',').includes('memory')) memory = path;
			if (longest === undefined || path.length > longest.length) longest = path;
		}
	}
	if (unified !== undefined && unified !== '/') return unified;
	const versionOne = memory !== undefined && memory !== '/' ? memory : longest;
	return versionOne ?? unified;
}

/** Cgroup path of a running process (see {@link parseCgroupPath}); `undefined` where it is gone or not readable. */
export function readCgroupPath(pid: number, options: ProcOptions = {}): string | undefined {
	assertPid(pid);
	const text = readTextFile(`${options.procRoot ?? DEFAULT_PROC_ROOT}/${pid}/cgroup`);
	return text === undefined ? undefined : parseCgroupPath(text);
}

/**
 * The `cgroup_path_hash` of every metric and message: the first 16 hexadecimal digits of SHA-256 over the path.
 * A join key that keeps pod names out of telemetry; the path can be guessed from it, so it is not a secret.
 *
 * @returns `''` for an empty path
 */
export function hashCgroupPath(path: string): string {
	return path === '' ? '' : createHash('sha256').update(path).digest('hex').slice(0, 16);
}

/**
 * Container id in a cgroup path: its last run of exactly 64 hexadecimal digits, as containerd, CRI-O and Docker write it.
 */
export function containerIdOf(cgroupPath: string): string | undefined {
	return cgroupPath.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)?.at(-1);
}
