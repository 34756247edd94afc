import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pnpmFolder, TOOLS } from './paths.mjs';
import { runStage } from './stage.mjs';

const VERSION = '12.21.0';

export async function installPnpm() {
	if (installedVersion() === VERSION) return;
	const options = [
		'--no-save',
		'--no-package-lock',
		'--ignore-scripts',
		'--include=optional',
		'--no-audit',
		'--no-fund',
	];
	await runStage({
		title: `pnpm ${VERSION}`,
		log: 'pnpm',
		command: process.platform === 'win32' ? 'npm.cmd' : 'npm',
		args: ['install', '--prefix', TOOLS, ...options, `pnpm@${VERSION}`],
		hint: 'This needs npm and a reachable package registry.',
	});
}

function installedVersion() {
	const folder = pnpmFolder();
	if (folder === undefined) return undefined;
	return spawnSync(join(folder, 'pnpm'), ['--version'], { cwd: TOOLS, encoding: 'utf8' }).stdout?.trim();
}
