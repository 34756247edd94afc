import { closeSync, fstatSync, openSync } from 'node:fs';

/** A file held open, so that it can be reached for as long as anybody wants, whatever becomes of its path. */
export interface OpenFile {
	/** Valid until it is closed. */
	readonly descriptor: number;
	/** Leads to the file within this process. */
	readonly path: string;
	/** The same for every path to the file within one file system. */
	readonly identity: string;
	readonly inode: bigint;
	/** At the moment the same for a file and for what overlayfs or a snapshot shows of it; seldom for any others. */
	likeness(): string;
	close(): void;
}

/** @throws Error of the file system when it cannot be opened */
export function openFile(path: string): OpenFile {
	const descriptor = openSync(path, 'r');
	const { dev, ino } = fstatSync(descriptor, { bigint: true });
	let isOpen = true;
	return {
		descriptor,
		path: `/proc/self/fd/${descriptor}`,
		identity: `${dev}:${ino}`,
		inode: ino,
		likeness: () => {
			const { size, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true });
			return `${size}:${mtimeNs}:${ctimeNs}`;
		},
		close: () => {
			if (isOpen) closeSync(descriptor);
			isOpen = false;
		},
	};
}
