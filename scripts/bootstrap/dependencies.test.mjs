import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { workspaceFolders } from './dependencies.mjs';
import { ROOT } from './paths.mjs';
import { run } from './run.mjs';

test('the folders of the workspace are those that pnpm finds', async () => {
	let output = '';
	const { code } = await run('pnpm', ['list', '--recursive', '--depth', '-1', '--parseable'], {
		onOutput: (text) => {
			output += text;
		},
	});
	assert.equal(code, 0, output);
	const ours = workspaceFolders(readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8'), ROOT);
	const theirs = output
		.trim()
		.split('\n')
		.filter((folder) => folder !== ROOT);
	assert.deepEqual(ours.map((folder) => join(ROOT, folder)).sort(), theirs.sort());
});
