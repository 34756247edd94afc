// The commands of the README, as far as they can be run from within a test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../bootstrap/paths.mjs';
import { run } from './packages.mjs';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) =>
	block
		.split('\n')
		.map((line) => line.replace(/ +#.*$/, '').trim())
		.filter(Boolean),
);
const INGERO = 'npx --no-install ingero ';

test('npm commands are scripts of the root package', () => {
	const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
	const named = commands.filter((command) => command.startsWith('npm ')).map((command) => command.split(' ').at(-1));
	assert.deepEqual(named.slice(0, 2), ['start', 'test']);
	for (const name of named) assert.ok(scripts[name], name);
});

test('replaying a recording ends with what the README shows', async () => {
	const replay = commands.find((command) => command.startsWith(`${INGERO}replay `));
	const shown = readme.match(/^```text\n(.*?)^```/ms)?.[1];
	assert.ok(replay && shown);
	const { stdout } = await ingero(replay);
	assert.equal(stdout.slice(-shown.length), shown);
});

test('its other commands are understood', async () => {
	const others = commands.filter((command) => command.startsWith(INGERO) && !command.includes(' replay '));
	assert.ok(others.length > 0);
	for (const command of others) await ingero(`${command} --help`);
});

function ingero(command) {
	const args = command.slice(INGERO.length).split(' ');
	return run('node', [join(ROOT, 'apps/agent/bin/ingero.js'), ...args], ROOT);
}
