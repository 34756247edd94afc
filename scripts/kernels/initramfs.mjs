import { copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { copyAgent } from '../bundle/agent-tree.mjs';
import { CACHE } from './cache.mjs';
import { tool } from './debian-archive.mjs';
import { interpreterOf, librariesOf } from './toolchain.mjs';

const GUEST = join(ROOT, 'fixtures/kernel-guest');

/**
 * Packs everything that runs in a virtual machine into one file that the kernel unpacks into memory: a first process,
 * Node, the agent as it is built, the stand-in CUDA library, and the checks.
 *
 * @param {object} parts
 * @param {'amd64' | 'arm64'} parts.architecture
 * @param {string} parts.compiler
 * @param {string} parts.node program
 * @param {string} parts.addon of bpf-loader-native
 * @param {string} parts.standin build folder of the CUDA stand-in
 * @param {readonly string[]} parts.libraryFolders where to look for shared libraries before the compiler's own folders
 * @returns {string} the file
 */
export function packInitramfs({ architecture, compiler, node, addon, standin, libraryFolders }) {
	const home = join(CACHE, 'guests', architecture);
	const root = join(home, 'root');
	const put = (from, to) => {
		mkdirSync(dirname(join(root, to)), { recursive: true });
		copyFileSync(realpathSync(from), join(root, to));
	};
	rmSync(root, { recursive: true, force: true });

	tool('make', ['-C', GUEST, `CC=${compiler}`, `BUILD=${join(home, 'build')}`]);
	put(join(home, 'build/init'), 'init');
	put(node, 'bin/node');
	tool(compiler.replace(/gcc$/, 'strip'), [join(root, 'bin/node')]);

	tool('make', ['-C', join(ROOT, 'packages/probes/self-test'), `CC=${compiler}`]);
	copyAgent(join(root, 'app'));
	cpSync(join(ROOT, 'scripts/kernels/guest'), join(root, 'app/checks'), { recursive: true });
	put(join(home, 'build/count.bpf.o'), 'app/checks/count.bpf.o');
	const nodeArchitecture = architecture === 'amd64' ? 'x64' : architecture;
	put(addon, `app/node_modules/@ingero/bpf-loader-native/prebuilds/linux-${nodeArchitecture}.node`);
	tool('make', ['-C', join(ROOT, 'packages/probes/self-test'), `CC=${compiler}`, `BUILD=${join(home, 'build')}`]);
	const selfTest = `linux-${nodeArchitecture}`;
	put(join(home, 'build', selfTest), `app/node_modules/@ingero/probes/dist/self-test/${selfTest}`);

	const fixture = 'app/node_modules/@ingero/fixture-cuda-standin';
	for (const file of ['index.js', 'package.json']) put(join(ROOT, 'fixtures/cuda-standin', file), join(fixture, file));
	for (const folder of ['lib', 'bin']) {
		for (const file of readdirSync(join(standin, folder)))
			put(join(standin, folder, file), join(fixture, 'build', folder, file));
	}

	const programs = [node, addon, join(standin, 'bin/serving-loop')];
	const folders = [...libraryFolders, join(standin, 'lib')];
	for (const [name, path] of librariesOf(programs, { compiler, folders })) {
		if (name !== 'libcuda.so.1') put(path, `lib/${name}`);
	}
	const loader = interpreterOf(node);
	put(join(root, 'lib', loader.slice(loader.lastIndexOf('/') + 1)), loader);

	const image = join(home, 'initramfs.cpio');
	tool('sh', ['-c', 'cd "$1" && find . | cpio --quiet -o -H newc -R 0:0 > "$2"', 'sh', root, image]);
	return image;
}
