// npm run test:kernels: boots Debian's kernels in emulated machines and holds the probes against what they must do there.
import { relative } from 'node:path';
import { PINNED_NODE, ROOT } from '../bootstrap/paths.mjs';
import { StageError, say } from '../bootstrap/stage.mjs';
import { ARM64_ADDON, ARM64_LIBRARY_FOLDERS, ARM64_STANDIN, buildArm64, nodeForArm64 } from './arm64.mjs';
import { DebianArchive } from './debian-archive.mjs';
import { emulatorOf, runGuest } from './guest.mjs';
import { packInitramfs } from './initramfs.mjs';
import { DEFAULT_KERNELS, kernelImage, resolveKernel } from './kernels.mjs';
import { compilerOf, requireTools } from './toolchain.mjs';
import { describeResult, judge } from './verdict.mjs';

/** Guests at a time: each keeps about one processor busy. */
const PARALLEL = 2;

async function main(names) {
	if (process.platform !== 'linux' || process.arch !== 'x64') {
		const machine = `${process.platform} on ${process.arch}`;
		throw new StageError(`Kernels are booted on an x86-64 Linux machine; this is ${machine}.`, 2);
	}
	const archive = new DebianArchive();
	const kernels = [];
	for (const name of names.length > 0 ? names : DEFAULT_KERNELS) {
		const kernel = await resolveKernel(name, archive);
		if (!kernels.some((known) => known.name === kernel.name)) kernels.push(kernel);
	}
	const architectures = [...new Set(kernels.map(({ architecture }) => architecture))];
	await requireTools([
		...['clang', 'make', 'cpio', 'readelf'],
		...architectures.flatMap((architecture) => [compilerOf(architecture), emulatorOf(architecture)]),
	]);
	const initramfs = {};
	for (const architecture of architectures) initramfs[architecture] = await pack(architecture, archive);
	const images = new Map();
	for (const kernel of kernels) images.set(kernel, await kernelImage(kernel, archive));

	const results = [];
	const queue = [...kernels];
	const work = async () => {
		for (let kernel = queue.shift(); kernel !== undefined; kernel = queue.shift()) {
			const image = images.get(kernel);
			const result =
				image === undefined
					? { kernel, outcome: 'skipped', reason: 'Debian has no such kernel' }
					: judge(kernel, await runGuest(kernel, { image, initramfs: initramfs[kernel.architecture] }));
			results.push(result);
			process.stdout.write(`${describeResult(result)}\n`);
			if (result.log !== undefined) process.stdout.write(`  the console: ${relative(ROOT, result.log)}\n`);
		}
	};
	await Promise.all(Array.from({ length: PARALLEL }, work));

	const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
	process.stdout.write(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
	if (count('failed') > 0) process.exitCode = 1;
}

async function pack(architecture, archive) {
	const compiler = compilerOf(architecture);
	if (architecture === 'amd64') {
		return packInitramfs({
			architecture,
			compiler,
			node: PINNED_NODE,
			addon: `${ROOT}/packages/bpf-loader-native/build/bpf_loader.node`,
			standin: `${ROOT}/fixtures/cuda-standin/build`,
			libraryFolders: [],
		});
	}
	await buildArm64(archive);
	return packInitramfs({
		architecture,
		compiler,
		node: await nodeForArm64(),
		addon: ARM64_ADDON,
		standin: ARM64_STANDIN,
		libraryFolders: ARM64_LIBRARY_FOLDERS,
	});
}

try {
	await main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof StageError)) throw error;
	say(error.message);
	process.exitCode = error.exitCode;
}
