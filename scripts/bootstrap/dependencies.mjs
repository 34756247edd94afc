import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { runStage } from './stage.mjs';

/** Inside node_modules, so that deleting that folder deletes the claim that it is complete. */
const STAMP = join(ROOT, 'node_modules', '.ingero-installed');

/** Installs what the lockfile names, unless exactly that is installed already: pnpm asks the registry even then. */
export async function installDependencies() {
	const fingerprint = fingerprintOf(manifests(ROOT));
	if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint) return;
	await runStage({
		title: 'packages',
		log: 'install',
		command: 'pnpm',
		args: ['install', '--frozen-lockfile', ...forPinnedNode()],
		// Without a terminal pnpm otherwise stops where it would ask.
		env: { CI: 'true' },
	});
	writeFileSync(STAMP, fingerprint);
}

/**
 * Without this, pnpm leaves out optional packages that the Node of the moment is too old for, although the pinned one,
 * which this very install brings, is not.
 */
function forPinnedNode() {
	const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
	const version = optionalDependencies[`node-${process.platform}-${process.arch}`];
	return version === undefined ? [] : [`--config.node-version=${version}`];
}

function fingerprintOf(files) {
	const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
	for (const file of files)
		hash
			.update(file)
			.update('\0')
			.update(readFileSync(join(ROOT, file)))
			.update('\0');
	return hash.digest('hex');
}

/** The files that decide what an install does, as paths from the root. */
function manifests(root) {
	const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
	const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];
	for (const folder of workspaceFolders(workspace, root)) files.push(`${folder}/package.json`);
	return files.filter((file) => existsSync(join(root, file))).sort();
}

/** The folders that the `packages:` list of pnpm-workspace.yaml means; it has plain names and `folder/*` alone. */
export function workspaceFolders(yaml, root) {
	const list = yaml.match(/^packages:\n((?: {2}- .*\n)+)/m)?.[1] ?? '';
	const patterns = list
		.split('\n')
		.filter(Boolean)
		.map((line) => line.slice(4).replace(/["']/g, ''));
	const folders = patterns.flatMap((pattern) => {
		if (!pattern.endsWith('/*')) return [pattern];
		const parent = pattern.slice(0, -2);
		return existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : [];
	});
	return folders.filter((folder) => existsSync(join(root, folder, 'package.json')));
}
