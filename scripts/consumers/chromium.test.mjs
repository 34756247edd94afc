// The pure packages in a browser: the same recording gives the same lines there and here.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../bootstrap/paths.mjs';
import { bundleForBrowser } from './browser.mjs';
import { findChromium, runInChromium } from './chromium.mjs';
import { publicPackages, run } from './packages.mjs';

const chromium = findChromium();
const skip = chromium === undefined && 'skipped: no Chromium and no Chrome on PATH';

test('a recording replayed in Chromium gives what it gives in Node', { skip }, async () => {
	const program = readFileSync(join(ROOT, 'scripts/consumers/replay-in-browser.ts'), 'utf8');
	for (const { name } of publicPackages().filter(({ pure }) => pure)) assert.ok(program.includes(`'${name}'`), name);
	// The agent depends on all of them.
	const { text } = await bundleForBrowser(program, join(ROOT, 'apps/agent'));
	const recording = gunzipSync(readFileSync(join(ROOT, 'fixtures/recordings/h100-infer-phases-a.igr.gz')));
	const script = `const RECORDING = '${recording.toString('base64')}';\n${text}`;

	const here = await runInNode(script);
	assert.equal(await runInChromium(chromium, script), here);
	const lines = here.split('\n');
	assert.equal(lines.length, 303);
	assert.equal(lines.filter((line) => / (1\.5x|2x|3x) /.test(line)).length, 7);
});

async function runInNode(script) {
	const folder = mkdtempSync(join(tmpdir(), 'ingero node '));
	try {
		writeFileSync(join(folder, 'script.mjs'), script);
		return (await run('node', ['script.mjs'], folder)).stdout.trimEnd();
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
