import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';

/** What a package needs to run; types, source maps, sources and documentation stay behind, licences do not. */
const RUNTIME_FILE = /(?:\.(?:js|cjs|mjs|json|o)|^(?:licen[cs]e|notice|copying)[^/]*)$/i;
/** better-sqlite3 carries an addon for every platform, and sources for the rest. */
const RUNTIME_ADDON = new RegExp(`^prebuilds/linux-${process.arch}\\.node$`);
/** What the agent probes before it probes anything else; it needs no library. */
const SELF_TEST = /^dist\/self-test\/linux-[a-z0-9]+$/;
const NOT_RUNTIME = /^(?:node_modules|src|deps|test|bench|build|scripts)(?:\/|$)|^(?:turbo|tsconfig[^/]*)\.json$/;

/**
 * Lays out the agent and all it depends on as an installation from the registry would: `node_modules/<name>`, flat, so
 * that every package finds its own files where it expects them.
 */
export function copyAgent(target) {
	const copied = new Map();
	copyPackage(join(ROOT, 'apps/agent'));

	function copyPackage(link) {
		const folder = realpathSync(link);
		const { name, version, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
		if (copied.has(name)) {
			if (copied.get(name) !== version)
				throw new Error(`${name} is needed in two versions: ${version}, ${copied.get(name)}`);
			return;
		}
		copied.set(name, version);
		const destination = join(target, 'node_modules', name);
		mkdirSync(destination, { recursive: true });
		cpSync(folder, destination, { recursive: true, filter: (path) => isRuntime(folder, path) });
		for (const dependency of Object.keys(dependencies)) copyPackage(resolvePackage(folder, dependency));
	}
}

function isRuntime(folder, path) {
	const file = relative(folder, path);
	if (file === '') return true;
	if (NOT_RUNTIME.test(file)) return false;
	if (statSync(path).isDirectory() || SELF_TEST.test(file)) return true;
	return RUNTIME_FILE.test(basename(path)) || RUNTIME_ADDON.test(file);
}

/** pnpm puts what a package depends on beside its own files, or beside the package. */
function resolvePackage(folder, name) {
	for (let at = folder; at !== dirname(at); at = dirname(at)) {
		const candidate = join(at, 'node_modules', name);
		if (existsSync(candidate)) return candidate;
	}
	throw new Error(`${name} is not installed for ${folder}`);
}
