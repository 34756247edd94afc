import {
	copyFileSync,
	cpSync,
	existsSync,
	globSync,
	mkdirSync,
	mkdtempSync,
	realpathSync,
	rmSync,
	symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PINNED_NODE, ROOT } from '../bootstrap/paths.mjs';
import { command } from './command.mjs';

const LOADER = join(ROOT, 'packages/bpf-loader-native');
/** Ubuntu 22.04's: what the oldest GPU hosts we mean to reach have. */
const NEWEST_GLIBC = [2, 35];

/** Puts Node, the addon and the libraries that it loads into the bundle. */
export function copyNative(stage) {
	copyFileSync(PINNED_NODE, join(stage, 'bin/node'));
	command('strip', [join(stage, 'bin/node')]);
	copyAddon(join(stage, 'app/node_modules/@ingero/bpf-loader-native/prebuilds'), join(stage, 'licenses'));
}

/** @throws {Error} naming the first file in the bundle that a host with the oldest glibc we mean to reach can't load */
export function checkGlibc(stage) {
	for (const file of globSync('**/{node,*.node,*.so,*.so.*,serving-loop}', { cwd: stage, withFileTypes: true })) {
		if (!file.isFile()) continue;
		const path = join(file.parentPath, file.name);
		for (const [name, major, minor] of command('readelf', ['-V', '-W', path]).matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
			if (Number(major) > NEWEST_GLIBC[0] || Number(minor) > NEWEST_GLIBC[1]) {
				throw new Error(`${path} needs ${name}, hosts have ${NEWEST_GLIBC.join('.')}`);
			}
		}
	}
}

/** Links the addon anew, so that it finds libbpf, and libbpf its own libraries, beside itself. */
function copyAddon(target, licenses) {
	const work = mkdtempSync(join(tmpdir(), 'ingero-addon-'));
	try {
		for (const part of ['Makefile', 'src']) cpSync(join(LOADER, part), join(work, part), { recursive: true });
		symlinkSync(join(LOADER, 'node_modules'), join(work, 'node_modules'));
		// DT_RPATH and not DT_RUNPATH: only the former also counts for what a library itself loads.
		const flags = "LDFLAGS=-Wl,--disable-new-dtags,-rpath,'$$ORIGIN'";
		command('make', ['build/bpf_loader.node', flags], {}, work);
		const addon = join(work, 'build/bpf_loader.node');
		mkdirSync(target, { recursive: true });
		copyFileSync(addon, join(target, `linux-${process.arch}.node`));
		for (const [, soname, path] of command('ldd', [addon]).matchAll(/^\s(lib(?:bpf|elf|z|zstd)\.so\S*) => (\S+)/gm)) {
			copyFileSync(realpathSync(path), join(target, soname));
			copyLicense(path, licenses);
		}
	} finally {
		rmSync(work, { recursive: true });
	}
}

/** Debian keeps the licence of every package where its name says; which folder it calls a library's varies. */
function copyLicense(library, licenses) {
	const owner = command('dpkg-query', ['--search', `*/${basename(realpathSync(library))}`]).split(':')[0];
	const copyright = `/usr/share/doc/${owner}/copyright`;
	if (!existsSync(copyright))
		throw new Error(`${copyright} is missing: the licence of ${basename(library)} must go along`);
	mkdirSync(licenses, { recursive: true });
	copyFileSync(copyright, join(licenses, owner));
}
