import { readFileSync } from 'node:fs';

/** AT_PAGESZ of include/uapi/linux/auxvec.h. */
const PAGE_SIZE_ENTRY = 6n;

/**
 * Bytes of a memory page: 4096 on x86-64; 4096, 16384 or 65536 on arm64, as its kernel was built. From what the kernel
 * told this process when it started.
 */
export function pageSize(path = '/proc/self/auxv'): number {
	const bytes = readFileSync(path);
	const words = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
	for (let i = 0; i + 1 < words.length; i += 2) if (words[i] === PAGE_SIZE_ENTRY) return Number(words[i + 1]);
	throw new Error(`${path} does not tell the page size (AT_PAGESZ)`);
}
