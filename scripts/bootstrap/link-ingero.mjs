import { existsSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

const LINK = join(ROOT, 'node_modules', '.bin', 'ingero');
const TARGET = join('..', '..', 'apps', 'agent', 'bin', 'ingero.js');

/** Makes `npx ingero` work in the root folder, which has no dependency on the agent that pnpm would link. */
export function linkIngero() {
	if (process.platform === 'win32') return;
	if (existsSync(LINK) && readlinkSync(LINK) === TARGET) return;
	rmSync(LINK, { force: true });
	symlinkSync(TARGET, LINK);
}
