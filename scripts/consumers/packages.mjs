import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolEnvironment } from '../bootstrap/environment.mjs';
import { ROOT } from '../bootstrap/paths.mjs';

const execute = promisify(execFile);

/**
 * What other people install.
 *
 * @returns {{ folder: string, name: string, exports: Record<string, { default: string } | string>, pure: boolean }[]}
 */
export function publicPackages() {
	return ['apps', 'packages'].flatMap((parent) =>
		readdirSync(join(ROOT, parent))
			.map((child) => join(ROOT, parent, child))
			.filter((folder) => existsSync(join(folder, 'package.json')))
			.map((folder) => ({ folder, ...readJson(join(folder, 'package.json')) }))
			.filter((manifest) => !manifest.private)
			.map((manifest) => ({ ...manifest, pure: isPure(manifest.folder) })),
	);
}

/** Pure by the tag that the check of import directions goes by. */
function isPure(folder) {
	const { tags = [] } = readJson(join(folder, 'turbo.json'));
	return tags.some((tag) => tag === 'pure' || tag === 'contract');
}

/** Packs a package as it would be published. @returns {Promise<string>} path of the tarball */
export async function pack(folder, destination) {
	const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', destination], folder);
	return JSON.parse(stdout).filename;
}

/** Installs tarballs, and nothing from anywhere else, in a folder that has never seen the workspace. */
export async function install(tarballs, folder) {
	await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], folder);
}

/** @returns {Promise<{ stdout: string, stderr: string }>} rejects with both in its message */
export async function run(command, args, cwd) {
	try {
		return await execute(command, args, { cwd, env: toolEnvironment(), maxBuffer: 1 << 26 });
	} catch (error) {
		throw new Error(`${command} ${args.join(' ')}: ${error.code}\n${error.stdout}${error.stderr}`);
	}
}

function readJson(path) {
	return JSON.parse(readFileSync(path, 'utf8'));
}
