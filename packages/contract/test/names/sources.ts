import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface Source {
	/** Path from the workspace root, with forward slashes. */
	readonly file: string;
	readonly text: string;
}

const SKIPPED_FOLDERS = new Set(['build', 'dist', 'docs', 'fixtures', 'node_modules', 'test']);
const SOURCE = /(?<!\.(?:test|bench|config|d))\.(?:m?[jt]s|tsx)$/;

/** Every source file that ends up in a package or an app of the workspace, this package apart. */
export function workspaceSources(root: string): Source[] {
	return ['apps', 'packages'].flatMap((folder) => walk(join(root, folder)));

	function walk(folder: string): Source[] {
		return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
			const path = join(folder, entry.name);
			const file = relative(root, path).replaceAll('\\', '/');
			if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) || file === 'packages/contract' ? [] : walk(path);
			return entry.isFile() && SOURCE.test(entry.name) ? [{ file, text: readFileSync(path, 'utf8') }] : [];
		});
	}
}
