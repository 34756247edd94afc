import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository, without a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** What the set-up brings in for itself; ignored by git, safe to delete. */
export const TOOLS = join(ROOT, '.tools');

/** The Node that the workspace pins as an optional dependency; there after the install, and on Linux alone. */
export const PINNED_NODE = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');

/**
 * The folder of pnpm's own executable, or `undefined` before it is there. It comes from the package that npm chose for
 * this platform, so that pnpm works alike whether npm ran the install scripts of the package around it or not.
 */
export function pnpmFolder() {
	const scope = join(TOOLS, 'node_modules', '@pnpm');
	try {
		const name = readdirSync(scope).find((entry) => entry.startsWith('exe.'));
		return name === undefined ? undefined : join(scope, name);
	} catch {
		return undefined;
	}
}
