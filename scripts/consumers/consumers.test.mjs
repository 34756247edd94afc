// What somebody gets who installs our packages: each is packed as for the registry, installed in a folder that has never
// seen this workspace, and used as its README says. Needs no network.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { ROOT } from '../bootstrap/paths.mjs';
import { bundleForBrowser, runInBareContext } from './browser.mjs';
import { exampleOf } from './example.mjs';
import { install, pack, publicPackages, run } from './packages.mjs';

const packages = publicPackages();
const pure = packages.filter((each) => each.pure);
const folder = mkdtempSync(join(tmpdir(), 'ingero consumer '));
const tarballs = new Map();
/** READMEs whose example has been run. */
const examples = [];

before(async () => {
	for (const each of packages) tarballs.set(each.name, await pack(each.folder, folder));
	writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
	await install(
		pure.map(({ name }) => tarballs.get(name)),
		folder,
	);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the pure packages are found', () => {
	const names = pure.map(({ name }) => name.replace('@ingero/', ''));
	assert.deepEqual(names.sort(), ['causes', 'contract', 'infer-baseline', 'kvcache-lineage', 'recording', 'steps']);
});

for (const each of packages) {
	test(`${each.name}: its tarball is well formed`, async () => {
		const bytes = readFileSync(tarballs.get(each.name));
		const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
		const { messages, pkg } = await publint({ pkgDir: 'package', pack: { tarball }, strict: true });
		assert.deepEqual(
			messages.map((message) => formatMessage(message, pkg, { color: false })),
			[],
		);
		for (const [dependency, range] of Object.entries(pkg.dependencies ?? {})) {
			assert.doesNotMatch(range, /^(workspace|catalog|file|link):/, `${dependency} is not to be had from a registry`);
		}
	});
}

for (const each of pure) {
	describe(each.name, () => {
		const installed = join(folder, 'node_modules', each.name);
		const readme = join(each.folder, 'README.md');

		test('brings what runs, the README and the licence, and no sources', () => {
			const entries = readdirSync(installed).sort();
			assert.deepEqual(entries, ['LICENSE', 'README.md', 'dist', 'package.json']);
		});

		test('every entry bundles for a browser, with nothing of Node and nobody else’s code', async () => {
			for (const path of Object.keys(each.exports).filter((path) => !path.endsWith('.json'))) {
				const specifier = join(each.name, path);
				const { text, inputs } = await bundleForBrowser(`export * from '${specifier}'`, folder);
				const foreign = inputs.filter((input) => input !== '<stdin>' && !/node_modules\/@ingero\//.test(input));
				assert.deepEqual(foreign, []);
				assert.equal(runInBareContext(text), '');
			}
		});

		test('the example of its README runs as printed', () => runsAsPrinted(readme));
	});
}

test('the example of the README runs as printed', () => runsAsPrinted(join(ROOT, 'README.md')));

test('the examples compile under strict rules', async () => {
	assert.equal(examples.length, pure.length + 1);
	const files = examples.map((_, i) => `example-${i + 1}.ts`);
	const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--lib', 'es2023,dom'];
	await run('tsc', ['--noEmit', '--ignoreConfig', ...options, ...files], folder);
});

/** In Node as it is, and bundled where there is no Node. */
async function runsAsPrinted(readme) {
	const { code, prints } = exampleOf(readme);
	const file = `example-${examples.push(readme)}.ts`;
	writeFileSync(join(folder, file), code);
	const { stdout } = await run('node', [file], folder);
	assert.equal(stdout.trimEnd(), prints);
	const { text } = await bundleForBrowser(code, folder);
	assert.equal(runInBareContext(text), prints);
}
