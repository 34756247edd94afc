import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { parseStrictly } from './strict-parser';

test('the example in the README runs as printed', async () => {
	const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
	const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
	// Below the package, so that the bundle finds the package's own dependencies.
	const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/readme-', import.meta.url)));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, 'example.ts'), example);
	await build({
		entryPoints: [join(folder, 'example.ts')],
		outfile: join(folder, 'example.mjs'),
		bundle: true,
		format: 'esm',
		platform: 'node',
		alias: { '@ingero/otlp': fileURLToPath(new URL('../src/index.ts', import.meta.url)) },
	});
	const output = execFileSync(process.execPath, [join(folder, 'example.mjs')], { encoding: 'utf8' });
	expect(parseStrictly(output.trimEnd().concat('\n'))).toMatchObject([
		{ name: 'ingero_infer_workloads_tracked', samples: [{ value: 2 }] },
	]);
});
