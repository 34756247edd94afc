import { closeSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';

/** Lets /proc/kallsyms name the eBPF programs of the kernel. */
export function showPrograms() {
	writeFileSync('/proc/sys/net/core/bpf_jit_kallsyms', '1');
	writeFileSync('/proc/sys/kernel/kptr_restrict', '0');
}

/** Names of all eBPF programs in the kernel. */
export function loadedPrograms() {
	return [...readFileSync('/proc/kallsyms', 'utf8').matchAll(/\bbpf_prog_[0-9a-f]+_(\w+)/g)]
		.map(([, name]) => name)
		.sort();
}

/** Waits until as few programs as before are there: the kernel frees them a little after their last user is gone. */
export async function programsGone(before) {
	for (let attempt = 0; attempt < 100; attempt++) {
		if (loadedPrograms().join() === before.join()) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`still in the kernel: ${loadedPrograms().join(' ')}; before: ${before.join(' ')}`);
}

/** The eBPF links, programs and maps that this process holds, as `link_type: perf` and the like. */
export function heldObjects() {
	return readdirSync('/proc/self/fd')
		.map((fd) => {
			try {
				return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
					.match(/^(?:link|prog|map)_type:\s*\S+/m)?.[0]
					?.replace(/\s+/, ' ');
			} catch {
				return undefined; // the folder itself, open while it was listed
			}
		})
		.filter((text) => text !== undefined)
		.sort();
}

/**
 * How many bytes of a library's code differ in a process from the file: each uprobe is a breakpoint there.
 *
 * @returns {number} of all pages that are mapped for execution
 */
export function patchedBytes(pid, library) {
	const mapping = readFileSync(`/proc/${pid}/maps`, 'utf8')
		.split('\n')
		.find((line) => line.endsWith(library) && line.includes(' r-xp '));
	const [, start, end, offset] = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+)/.exec(mapping);
	const length = Number.parseInt(end, 16) - Number.parseInt(start, 16);
	const inMemory = readAt(`/proc/${pid}/mem`, Number.parseInt(start, 16), length);
	const inFile = readAt(library, Number.parseInt(offset, 16), length);
	return inFile.reduce((count, byte, i) => count + (byte === inMemory[i] ? 0 : 1), 0);
}

function readAt(file, position, length) {
	const fd = openSync(file, 'r');
	try {
		const buffer = Buffer.alloc(length);
		return buffer.subarray(0, readSync(fd, buffer, 0, length, position));
	} finally {
		closeSync(fd);
	}
}
