import { defineConfig } from 'tsup';

/**
 * The one build preset: ES modules with declarations, one file per public entry point.
 * Pure packages pass `platform: 'neutral'`, so that an import of a Node module fails their build.
 *
 * @param {import('tsup').Options} options
 */
export function preset(options = {}) {
	return defineConfig({
		entry: ['src/index.ts'],
		format: ['esm'],
		target: 'es2023',
		platform: 'node',
		dts: true,
		clean: true,
		sourcemap: true,
		...options,
	});
}
