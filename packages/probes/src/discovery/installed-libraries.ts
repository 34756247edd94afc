import { statSync } from 'node:fs';

/** Where drivers are installed: Debian and Ubuntu, Red Hat and SUSE, Arch, NVIDIA's GPU Operator, Google's nodes, WSL. */
const FOLDERS = [
	'/usr/lib/x86_64-linux-gnu',
	'/usr/lib/aarch64-linux-gnu',
	'/usr/lib64',
	'/usr/lib',
	'/run/nvidia/driver/usr/lib/x86_64-linux-gnu',
	'/run/nvidia/driver/usr/lib/aarch64-linux-gnu',
	'/home/kubernetes/bin/nvidia/lib64',
	'/usr/lib/wsl/lib',
];

/**
 * The CUDA driver libraries installed on this machine, each file once. A container that is given the host's GPU maps the
 * host's file, so these serve it too.
 *
 * @param folders in place of the usual ones
 */
export function installedDriverLibraries(folders: readonly string[] = FOLDERS): string[] {
	const files = new Map<string, string>();
	for (const folder of folders) {
		const path = `${folder}/libcuda.so.1`;
		const key = fileKey(path);
		if (key !== undefined && !files.has(key)) files.set(key, path);
	}
	return [...files.values()];
}

/** Which file a path leads to; the same through any mount of its file system. `undefined` when it leads to none. */
export function fileKey(path: string): string | undefined {
	try {
		const { dev, ino } = statSync(path, { bigint: true });
		return `${dev}:${ino}`;
	} catch {
		return undefined;
	}
}
