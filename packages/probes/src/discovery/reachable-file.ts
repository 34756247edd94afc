import { statSync } from 'node:fs';
import { ProbeError } from '../errors';
import type { MappedFile } from './process-maps';

/** The low half: overlayfs may put the number of a layer into the high one. */
const INODE_BITS = 0xffff_ffffn;

/**
 * A path through which we can open the very file that a process has mapped: whatever mount namespace or chroot it lies in,
 * deleted or replaced since. Only where we may not open a mapping itself (that takes CAP_SYS_ADMIN or
 * CAP_CHECKPOINT_RESTORE) is it looked for by its path, where another file may be now.
 *
 * @throws ProbeError INGERO_PROBES_BAD_LIBRARY when the file cannot be reached
 */
export function reachableFile(pid: number, file: MappedFile, procRoot = '/proc'): string {
	const mapping = `${procRoot}/${pid}/map_files/${file.range}`;
	if (inodeOf(mapping) !== undefined) return mapping;
	const path = `${procRoot}/${pid}/root${file.path}`;
	const inode = inodeOf(path);
	const mapped = BigInt(file.key.slice(file.key.lastIndexOf(':') + 1));
	if (inode !== undefined && (inode & INODE_BITS) === (mapped & INODE_BITS)) return path;
	throw new ProbeError(
		'INGERO_PROBES_BAD_LIBRARY',
		`${file.path} was deleted or replaced while process ${pid} uses it: run as root, or grant CAP_CHECKPOINT_RESTORE, to open what is mapped`,
	);
}

function inodeOf(path: string): bigint | undefined {
	try {
		return statSync(path, { bigint: true }).ino;
	} catch {
		return undefined;
	}
}
