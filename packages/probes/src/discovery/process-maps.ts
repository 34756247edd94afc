import { readFileSync } from 'node:fs';

/** A file that a process has mapped as code. */
export interface MappedFile {
	/** Device and inode of the mapped file as the process sees them. */
	readonly key: string;
	/** Path as the process sees it, or saw it before the file was deleted. */
	readonly path: string;
	/** Where it is mapped, as /proc/PID/map_files names it: `7f1e00028000-7f1e001bd000`. */
	readonly range: string;
	/** Bytes from the start of the file to what is mapped there. */
	readonly fileOffset: number;
}

/** One line of a process's list of mappings. */
export interface Mapping {
	/** First address, and the one behind the last, in hexadecimal without leading zeros. */
	readonly start: string;
	readonly end: string;
	readonly isCode: boolean;
	/** Bytes from the start of the file to what is mapped there. */
	readonly fileOffset: number;
	/** Device and inode of the mapped file as the process sees them; inode 0 is memory without a file. */
	readonly key: string;
	/** Path as the process sees it, or saw it before the file was deleted; `[vdso]` and the like; empty without a file. */
	readonly path: string;
}

/** `start-end perms offset dev inode   path`; the path is everything after the fifth field and may hold spaces. */
const MAPPING = /^0*([0-9a-f]+)-0*([0-9a-f]+) ..(.). ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) +(.*)$/;
const DELETED = ' (deleted)';

/**
 * Looks for files by name among the mappings of a process; gives each part that is mapped as code.
 *
 * @param names.beginnings how names begin, each with the slash before it: a first sieve, since lists are long
 * @param names.matches what a whole name, without its folder, must be
 * @returns `undefined` when the process is gone or may not be looked at
 */
export function readMappings(
	pid: number,
	names: { readonly beginnings: readonly string[]; readonly matches: (name: string) => boolean },
	procRoot = '/proc',
): MappedFile[] | undefined {
	let text: string;
	try {
		// Bytes, not text: a path may be in any encoding.
		text = readFileSync(`${procRoot}/${pid}/maps`, 'latin1');
	} catch {
		return undefined;
	}
	const files: MappedFile[] = [];
	for (const line of linesWith(text, names.beginnings)) {
		const mapping = parseMapping(line);
		if (!mapping?.isCode) continue;
		const { start, end, fileOffset, key, path } = mapping;
		if (!names.matches(path.slice(path.lastIndexOf('/') + 1))) continue;
		files.push({ key, path, range: `${start}-${end}`, fileOffset });
	}
	return files;
}

/**
 * @param line in latin1: a path may be in any encoding
 * @returns `undefined` for what is no mapping
 */
export function parseMapping(line: string): Mapping | undefined {
	const [, start, end, executable, offset, device, inode, escaped] = MAPPING.exec(line) ?? [];
	if (start === undefined || end === undefined || offset === undefined || escaped === undefined) return undefined;
	const there = escaped.endsWith(DELETED) ? escaped.slice(0, -DELETED.length) : escaped;
	return {
		start,
		end,
		isCode: executable === 'x',
		fileOffset: Number.parseInt(offset, 16),
		key: `${device}:${inode}`,
		// The kernel writes a line feed in it as \012.
		path: Buffer.from(there, 'latin1').toString('utf8').replaceAll('\\012', '\n'),
	};
}

/** The lines that hold one of some texts, each once, in their order. */
function linesWith(text: string, wanted: readonly string[]): string[] {
	const starts = new Set<number>();
	for (const part of wanted) {
		for (let at = text.indexOf(part); at >= 0; ) {
			starts.add(text.lastIndexOf('\n', at) + 1);
			const end = text.indexOf('\n', at);
			at = end < 0 ? -1 : text.indexOf(part, end);
		}
	}
	return [...starts]
		.sort((a, b) => a - b)
		.map((start) => {
			const end = text.indexOf('\n', start);
			return text.slice(start, end < 0 ? undefined : end);
		});
}
