import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runStage, say } from './stage.mjs';

/**
 * What compiling the addon, the eBPF programs and the stand-in CUDA library takes, with the name of each in the
 * distributions' package lists, in the order of MANAGERS. Running on a recording takes none of it.
 */
const NEEDS = [
	{ have: () => hasCommand('gcc'), packages: ['gcc', 'gcc', 'gcc', 'gcc', 'gcc musl-dev linux-headers'] },
	{ have: () => hasCommand('make'), packages: ['make', 'make', 'make', 'make', 'make'] },
	{ have: () => hasCommand('clang'), packages: ['clang', 'clang', 'clang', 'clang', 'clang'] },
	{ have: () => hasCommand('llvm-strip'), packages: ['llvm', 'llvm', 'llvm', 'llvm', 'llvm'] },
	{
		have: () => existsSync('/usr/include/bpf/libbpf.h'),
		packages: ['libbpf-dev', 'libbpf-devel', 'libbpf', 'libbpf-devel', 'libbpf-dev'],
	},
	{
		have: () => existsSync('/usr/include/libelf.h'),
		packages: ['libelf-dev', 'elfutils-libelf-devel', 'libelf', 'libelf-devel', 'elfutils-dev'],
	},
	{
		have: () => existsSync('/usr/include/zlib.h'),
		packages: ['zlib1g-dev', 'zlib-devel', 'zlib', 'zlib-devel', 'zlib-dev'],
	},
];

const MANAGERS = [
	{ command: 'apt-get', install: 'apt-get install' },
	{ command: 'dnf', install: 'dnf install' },
	{ command: 'pacman', install: 'pacman -S' },
	{ command: 'zypper', install: 'zypper install' },
	{ command: 'apk', install: 'apk add' },
];

/**
 * Installs what is missing where that takes no decision of anybody's (Debian or Ubuntu, as root), else says what to install.
 *
 * @returns {Promise<boolean>} whether native parts can be built
 */
export async function installSystemPackages() {
	if (process.platform !== 'linux') {
		say(`native parts: skipped: eBPF exists on Linux only, this is ${process.platform}`);
		return false;
	}
	const index = MANAGERS.findIndex(({ command }) => hasCommand(command));
	const manager = MANAGERS[index];
	let missing = missingPackages(Math.max(index, 0));
	if (missing.length > 0 && manager?.command === 'apt-get' && process.getuid() === 0) {
		await aptInstall(missing, { mayFail: true });
		missing = missingPackages(index);
	}
	if (missing.length === 0) return true;
	const list = missing.join(' ');
	say(`native parts: skipped: ${list} missing; without them Ingero replays recordings but traces nothing.`);
	if (manager !== undefined) say(`  To trace, run this and start again: sudo ${manager.install} ${list}`);
	return false;
}

/** By bpftool some tests look at the kernel from outside; in Chromium the pure packages are run as a web page runs them. */
const TEST_TOOLS = ['bpftool', 'chromium'];

/**
 * Installs the tools of tests where apt-get may and can, each by itself: Ubuntu has no packages of these names. Tests that
 * need one say that they are skipped without it.
 */
export async function installTestTools() {
	if (!hasCommand('apt-get') || process.getuid() !== 0) return;
	for (const tool of TEST_TOOLS) if (!hasCommand(tool)) await aptInstall([tool], { mayFail: true });
}

function missingPackages(manager) {
	return NEEDS.filter(({ have }) => !have()).flatMap(({ packages }) => packages[manager].split(' '));
}

/**
 * Installs packages of Debian or Ubuntu.
 *
 * @param {readonly string[]} packages
 * @param {{ mayFail?: boolean }} [options] mayFail: who calls looks himself whether they are there now
 * @throws {StageError} when they can't be installed and may not fail
 */
export async function aptInstall(packages, { mayFail = false } = {}) {
	// A machine that just started often holds the lock for its own updates.
	const options = ['-o', 'DPkg::Lock::Timeout=120', '-qq'];
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	// An old list may do; and where it does not, the install below says what it lacks.
	await runStage({
		title: 'apt-get update',
		log: 'apt-update',
		command: 'apt-get',
		args: [...options, 'update'],
		env,
		mayFail: true,
	});
	await runStage({
		title: `apt-get install ${packages.join(' ')}`,
		log: 'apt-install',
		command: 'apt-get',
		args: [...options, 'install', '-y', '--no-install-recommends', ...packages],
		env,
		mayFail,
	});
}

function hasCommand(name) {
	const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
	return folders.some((folder) => {
		try {
			accessSync(join(folder, name), constants.X_OK);
			return folder !== '';
		} catch {
			return false;
		}
	});
}
