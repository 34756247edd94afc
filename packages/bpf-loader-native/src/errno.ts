import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

/** Numbers that user space has no names for: one that BPF code of the kernel lets out, and libbpf's own. */
const OTHERS: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
	// include/linux/errno.h
	524: ['ENOTSUPP', 'operation is not supported'],
	// enum libbpf_errno
	4000: ['LIBELF', 'libelf failed'],
	4001: ['FORMAT', 'not a well-formed eBPF object'],
	4003: ['ENDIAN', 'the object was compiled for the other byte order'],
	4004: ['INTERNAL', 'libbpf failed'],
	4005: ['RELOC', 'a relocation failed'],
};

/** The name of an error number, such as `EPERM`. */
export function errnoName(errno: number): string {
	return OTHERS[errno]?.[0] ?? getSystemErrorName(-errno);
}

/** Its meaning in a few words. */
export function errnoMeaning(errno: number): string {
	return OTHERS[errno]?.[1] ?? getSystemErrorMessage(-errno) ?? `error ${errno}`;
}
