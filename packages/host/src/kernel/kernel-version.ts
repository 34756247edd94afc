/** The three numbers a kernel release begins with. */
export interface KernelVersion {
	readonly major: number;
	readonly minor: number;
	readonly patch: number;
}

/** @param release as of `uname -r`, such as `6.8.0-1021-aws`; a missing third number is 0 */
export function parseKernelVersion(release: string): KernelVersion | undefined {
	const [, major, minor, patch] = release.match(/^(\d+)\.(\d+)(?:\.(\d+))?/) ?? [];
	if (major === undefined || minor === undefined) return undefined;
	return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) };
}

/**
 * Whether a kernel is at least a version. Distributions carry features back to older numbers, so this decides what to
 * say and what to try first, never what is possible.
 */
export function isKernelAtLeast(version: KernelVersion, major: number, minor: number): boolean {
	return version.major > major || (version.major === major && version.minor >= minor);
}
