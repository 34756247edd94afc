import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, inject, onTestFinished, test } from 'vitest';

test('the example in the README runs as printed', async () => {
	const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
	const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
	const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/.cache/readme-', import.meta.url)));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, 'example.ts'), example);
	await build({
		entryPoints: [join(folder, 'example.ts')],
		outfile: join(folder, 'example.mjs'),
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node22',
		packages: 'external',
		alias: {
			'@ingero/store': fileURLToPath(inject('indexUrl')),
			'@ingero/store/read': fileURLToPath(new URL('../src/read.ts', import.meta.url)),
		},
	});
	writeFileSync(join(folder, 'writer.js'), readFileSync(new URL(inject('workerUrl'))));
	const output = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
	expect(output.trim()).toBe("[ { phase: 'decode', ratio: 3.5 } ]");
});
