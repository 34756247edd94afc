import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './run.mjs';

const node = (script, options) => run(process.execPath, ['-e', script], options);

test('both outputs and the exit code arrive', async () => {
	const chunks = [];
	const result = await node('console.log("out"); console.error("err"); process.exitCode = 3', {
		onOutput: (text) => chunks.push(text),
	});
	assert.deepEqual(result, { code: 3, interrupted: false });
	assert.deepEqual(chunks.sort(), ['err\n', 'out\n']);
});

test('a program that a signal ended, and one that is not there', async () => {
	assert.equal((await node('process.kill(process.pid, "SIGKILL")')).code, 137);
	let output = '';
	const result = await run('/nonexistent/program', [], {
		onOutput: (text) => {
			output += text;
		},
	});
	assert.equal(result.code, 127);
	assert.match(output, /ENOENT/);
});

test('a signal goes to the program, which may end as it likes', async () => {
	let output = '';
	const result = await node(
		'process.once("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); console.log("up")',
		{
			onOutput: (text) => {
				if (output === '') process.kill(process.pid, 'SIGTERM');
				output += text;
			},
		},
	);
	assert.deepEqual(result, { code: 5, interrupted: true });
});
