import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BpfError } from './error';
import type { Native } from './internal/native';
import { nativeError } from './internal/native-error';

/** Where the addon may lie, best first: the one shipped for this platform, then a local build. */
export function addonCandidates(packageRoot: string, platform: string, arch: string): readonly string[] {
	return [join(packageRoot, 'prebuilds', `${platform}-${arch}.node`), join(packageRoot, 'build', 'bpf_loader.node')];
}

/**
 * The path of the addon.
 *
 * @throws {BpfError} INGERO_BPF_PLATFORM on any system but Linux, INGERO_BPF_ADDON when no file is there
 */
export function locateAddon(packageRoot: string, platform: string, arch: string): string {
	if (platform !== 'linux') {
		throw new BpfError({
			code: 'INGERO_BPF_PLATFORM',
			operation: 'load the addon',
			message: `eBPF exists on Linux only; this is ${platform}-${arch}`,
		});
	}
	const candidates = addonCandidates(packageRoot, platform, arch);
	const found = candidates.find((path) => existsSync(path));
	if (found === undefined) {
		throw new BpfError({
			code: 'INGERO_BPF_ADDON',
			operation: 'load the addon',
			message: `no addon for ${platform}-${arch}; looked for ${candidates.join(' and ')}`,
			hint: 'build it with "make" in the package (needs a C compiler and the libbpf development files)',
		});
	}
	return found;
}

/** Loads an addon file and makes it throw {@link BpfError}. */
export function loadAddon(path: string): Native {
	let native: Native;
	try {
		native = createRequire(import.meta.url)(path);
	} catch (cause) {
		throw new BpfError({
			code: 'INGERO_BPF_ADDON',
			operation: 'load the addon',
			message: cause instanceof Error ? cause.message : String(cause),
			hint: 'a development build needs libbpf.so.1 at run time (package libbpf1 or libbpf)',
			cause,
		});
	}
	native.setErrorFactory(nativeError);
	return native;
}

/** This file is src/binding.ts or bundled into dist/index.js: one level below the root either way. */
const PACKAGE_ROOT: string = fileURLToPath(new URL('..', import.meta.url));

let loaded: Native | undefined;

/** The addon, loaded on first use, so that importing the package works on every platform. */
export function binding(): Native {
	loaded ??= loadAddon(locateAddon(PACKAGE_ROOT, process.platform, process.arch));
	return loaded;
}
