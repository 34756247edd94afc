import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, inject, onTestFinished, test } from 'vitest';
import { rowCount, tempFile } from './support';

const program = (indexUrl: string, options: string) => `
	import { Store } from ${JSON.stringify(indexUrl)};
	const store = await Store.open({ path: process.argv[2], session: {}, ${options} });
	store.appendEvents(new Uint8Array(48 * 3));
	await store.close();
`;

/** A folder from which a bundle finds the package's dependencies. */
function bundleFolder(): string {
	const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/.cache/bundle-', import.meta.url)));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	return folder;
}

test('the worker is found beside the module', () => {
	const script = join(bundleFolder(), 'program.mjs');
	writeFileSync(script, program(inject('indexUrl'), ''));
	const path = tempFile();
	execFileSync(process.execPath, [script, path]);
	expect(rowCount(path, 'events')).toBe(3);
});

test('an application that bundles the package says where the worker is', async () => {
	const folder = bundleFolder();
	const options = "workerUrl: new URL('./lib/store-writer.js', import.meta.url)";
	await build({
		stdin: { contents: program(fileURLToPath(inject('indexUrl')), options), resolveDir: folder },
		outfile: join(folder, 'app.mjs'),
		bundle: true,
		format: 'esm',
		platform: 'node',
	});
	await build({
		entryPoints: [fileURLToPath(inject('workerUrl'))],
		outfile: join(folder, 'lib', 'store-writer.js'),
		bundle: true,
		format: 'esm',
		platform: 'node',
		external: ['better-sqlite3'],
	});
	const path = tempFile();
	execFileSync(process.execPath, [join(folder, 'app.mjs'), path]);
	expect(rowCount(path, 'events')).toBe(3);
});
