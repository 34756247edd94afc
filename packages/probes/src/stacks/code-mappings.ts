import { readFileSync } from 'node:fs';
import { parseMapping } from '../discovery/process-maps';

/** Memory of a process that holds code. */
export interface CodeMapping {
	/** First address, and the one behind the last. */
	readonly start: number;
	readonly end: number;
	/** As /proc/PID/map_files names it. */
	readonly range: string;
	/** Bytes from the start of the file to what is mapped there. */
	readonly fileOffset: number;
	/** Device and inode of the file as the process sees them; `undefined` where no file is mapped. */
	readonly key: string | undefined;
	/** Of the file as the process sees it, or a name of the kernel such as `[vdso]`; may be empty. */
	readonly path: string;
}

/**
 * @returns by address; `undefined` when the process is gone or may not be looked at
 */
export function readCodeMappings(pid: number, procRoot = '/proc'): CodeMapping[] | undefined {
	let text: string;
	try {
		text = readFileSync(`${procRoot}/${pid}/maps`, 'latin1');
	} catch {
		return undefined;
	}
	const found: CodeMapping[] = [];
	for (const line of text.split('\n')) {
		const mapping = parseMapping(line);
		if (mapping === undefined || !mapping.isCode) continue;
		const { start, end, fileOffset, key, path } = mapping;
		found.push({
			start: Number.parseInt(start, 16),
			end: Number.parseInt(end, 16),
			range: `${start}-${end}`,
			fileOffset,
			key: key.endsWith(':0') ? undefined : key,
			path,
		});
	}
	return found;
}

/** @param mappings by address */
export function mappingAt(mappings: readonly CodeMapping[], address: number): CodeMapping | undefined {
	let low = 0;
	let high = mappings.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((mappings[middle] as CodeMapping).end <= address) low = middle + 1;
		else high = middle;
	}
	const mapping = mappings[low];
	return mapping !== undefined && address >= mapping.start ? mapping : undefined;
}
