import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';

/** What a pure package may use beside the language itself: browsers, workers and Node all have it. */
const EVERYWHERE = { TextDecoder, TextEncoder };

/**
 * Bundles a module as a web page would. A Node module that it imports is an error of the bundler.
 *
 * @param {string} code TypeScript
 * @param {string} folder where its imports are looked up
 * @returns {Promise<{ text: string, inputs: string[] }>}
 */
export async function bundleForBrowser(code, folder) {
	const { outputFiles, metafile } = await build({
		stdin: { contents: code, loader: 'ts', resolveDir: folder },
		bundle: true,
		platform: 'browser',
		format: 'iife',
		logLevel: 'silent',
		metafile: true,
		write: false,
	});
	return { text: outputFiles[0].text, inputs: Object.keys(metafile.inputs) };
}

/** Runs a script where there is nothing of Node, and gives what it prints. */
export function runInBareContext(script) {
	const printed = [];
	const console = { log: (...words) => printed.push(words.join(' ')) };
	runInContext(script, createContext({ console, ...EVERYWHERE }));
	return printed.join('\n');
}
