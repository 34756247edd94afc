import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
	export interface ProvidedContext {
		workerUrl: string;
		indexUrl: string;
	}
}

/**
 * Bundles the package as its sources are now, the two entry points beside each other as in `dist`. A thread can't run
 * TypeScript through vitest, and testing a stale `dist` would prove nothing.
 */
export default async function setup(project: TestProject): Promise<void> {
	const packageFolder = new URL('../', import.meta.url);
	// Below node_modules, so that the bundle finds the package's own dependencies.
	const outFolder = new URL('node_modules/.cache/store-test/', packageFolder);
	await build({
		entryPoints: {
			index: fileURLToPath(new URL('src/index.ts', packageFolder)),
			writer: fileURLToPath(new URL('src/worker/writer.ts', packageFolder)),
		},
		outdir: fileURLToPath(outFolder),
		bundle: true,
		format: 'esm',
		platform: 'node',
		packages: 'external',
	});
	project.provide('workerUrl', new URL('writer.js', outFolder).href);
	project.provide('indexUrl', new URL('index.js', outFolder).href);
}
