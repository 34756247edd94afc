import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StageError } from '../bootstrap/stage.mjs';
import { aptInstall } from '../bootstrap/system-packages.mjs';
import { tool } from './debian-archive.mjs';

/** Compilers by Debian's names of architectures, and what else they need of this machine to link statically and dynamically. */
const COMPILERS = { amd64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' };

/** Where each tool comes from on Debian and Ubuntu. */
const PACKAGES = {
	'qemu-system-x86_64': ['qemu-system-x86'],
	'qemu-system-aarch64': ['qemu-system-arm'],
	'x86_64-linux-gnu-gcc': ['gcc', 'libc6-dev'],
	'aarch64-linux-gnu-gcc': ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'],
	clang: ['clang'],
	'llvm-strip': ['llvm'],
	make: ['make'],
	cpio: ['cpio'],
	readelf: ['binutils'],
};

export function compilerOf(architecture) {
	return COMPILERS[architecture];
}

/**
 * Installs what is missing, where apt-get may.
 *
 * @param {readonly string[]} tools names of commands
 * @throws {StageError} that says what to install
 */
export async function requireTools(tools) {
	const missing = tools.filter((name) => spawnSync(name, ['--version']).error !== undefined);
	if (missing.length === 0) return;
	const packages = missing.flatMap((name) => PACKAGES[name]);
	const list = packages.join(' ');
	if (spawnSync('apt-get', ['--version']).error !== undefined || process.getuid() !== 0) {
		throw new StageError(`${missing.join(', ')} missing. On Debian or Ubuntu: sudo apt-get install ${list}`, 2);
	}
	await aptInstall(packages);
}

/** Program interpreter and shared libraries of files, with all that these need in turn: name → path on this machine. */
export function librariesOf(files, { compiler, folders }) {
	const found = new Map();
	const queue = [...files];
	for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
		for (const name of neededBy(file)) {
			if (found.has(name)) continue;
			const path = locate(name, compiler, folders);
			found.set(name, path);
			queue.push(path);
		}
	}
	return found;
}

/** The path at which a program wants the dynamic loader. */
export function interpreterOf(program) {
	return /Requesting program interpreter: ([^\]]+)\]/.exec(tool('readelf', ['-l', '-W', program]))[1];
}

function neededBy(file) {
	return [...tool('readelf', ['-d', '-W', file]).matchAll(/\(NEEDED\)\s+Shared library: \[([^\]]+)\]/g)].map(
		([, name]) => basename(name),
	);
}

function locate(name, compiler, folders) {
	const here = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
	if (here !== undefined) return here;
	// It prints the bare name when it finds none.
	const path = tool(compiler, [`-print-file-name=${name}`]).trim();
	if (path === name) throw new StageError(`${name} is missing on this machine: ${compiler} does not find it.`);
	return path;
}
