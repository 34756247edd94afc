import { existsSync, globSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StageError } from '../bootstrap/stage.mjs';
import { CACHE } from './cache.mjs';

const KERNELS = join(CACHE, 'images');
/** `linux-image-6.12.117+deb13-cloud-amd64`; since 6.19 the kernel itself is in a package linux-binary of its own. */
const PACKAGE = /^linux-(image|binary)-((\d+\.\d+)\..+)-cloud-(amd64|arm64)$/;

/**
 * A kernel to boot.
 *
 * @typedef {object} Kernel
 * @property {string} name as on the command line: `6.12`, `6.12-arm64`
 * @property {string} series `6.12`
 * @property {'amd64' | 'arm64'} architecture
 */

/** The kernels that are tested where none is asked for, the slowest first; `newest` is the newest that Debian has. */
export const DEFAULT_KERNELS = ['6.12-arm64', 'newest', '6.1', '6.12', '5.15', '5.10'];

/**
 * @param {string} name `6.12`, `6.12-arm64`, `newest`, `newest-arm64`, or `arm64` for the one of the default list
 * @param {import('./debian-archive.mjs').DebianArchive} archive
 * @returns {Promise<Kernel>}
 * @throws {StageError} for a name that is none of these
 */
export async function resolveKernel(name, archive) {
	const match = /^(\d+\.\d+|newest)(?:-(amd64|arm64))?$/.exec(name === 'arm64' ? '6.12-arm64' : name);
	if (match === null) {
		throw new StageError(`${name}: expected a kernel such as 6.12, 6.12-arm64, newest or arm64`, 2);
	}
	const [, wanted, architecture = 'amd64'] = match;
	const series = wanted === 'newest' ? await newestSeries(archive, architecture) : wanted;
	return { name: series + suffixOf(architecture), series, architecture };
}

/**
 * The kernel's file, downloaded where it was not before.
 *
 * @returns {Promise<string | undefined>} `undefined` where Debian has no such kernel
 */
export async function kernelImage({ name, series, architecture }, archive) {
	const folder = join(KERNELS, name);
	if (!existsSync(folder)) {
		const offers = kernelPackages(await archive.names(PACKAGE), architecture);
		const found = offers.filter((offer) => offer.series === series).at(-1);
		if (found === undefined) return undefined;
		await archive.unpack(folder, architecture, [found.name]);
		// A hundred megabytes that no guest loads.
		for (const modules of globSync('{usr/,}lib/modules/*/kernel', { cwd: folder })) {
			rmSync(join(folder, modules), { recursive: true });
		}
	}
	const [image] = globSync(['boot/vmlinuz-*', 'usr/lib/modules/*/vmlinuz'], { cwd: folder });
	if (image === undefined) throw new StageError(`There is no kernel in ${folder}; delete it and start again.`);
	return join(folder, image);
}

/**
 * The kernels among the names of packages, oldest first, and of a kernel that is in two packages the one that holds its
 * file last.
 *
 * @param {readonly string[]} names
 * @param {'amd64' | 'arm64'} architecture
 */
export function kernelPackages(names, architecture) {
	return names
		.map((name) => PACKAGE.exec(name))
		.filter((match) => match?.[4] === architecture)
		.map(([name, part, version, series]) => ({ name, part, version, series }))
		.sort((a, b) => compareVersions(a.version, b.version) || (a.part === 'binary' ? 1 : -1));
}

/** One that was downloaded earlier will do: Debian's newest changes every few weeks, and what a test says should not. */
async function newestSeries(archive, architecture) {
	const suffix = suffixOf(architecture);
	const cached = (existsSync(KERNELS) ? readdirSync(KERNELS) : [])
		.map((name) => /^(\d+\.\d+)(-arm64)?$/.exec(name))
		.filter((match) => match !== null && (match[2] ?? '') === suffix && compareVersions(match[1], '6.12') > 0)
		.map(([, series]) => series)
		.sort(compareVersions);
	return cached.at(-1) ?? kernelPackages(await archive.names(PACKAGE), architecture).at(-1).series;
}

function suffixOf(architecture) {
	return architecture === 'amd64' ? '' : `-${architecture}`;
}

function compareVersions(a, b) {
	return a.localeCompare(b, 'en', { numeric: true });
}
