import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastLines } from './stage.mjs';

test('the end of an output is shown as it would have looked, without colours', () => {
	const output = 'one\ntwo\nprogress 10%\rprogress 99%\rdone\n\u001b[31mthree\u001b[39m\u001b[2K\n\n';
	assert.deepEqual(lastLines(output, 2), ['done', 'three']);
	assert.deepEqual(lastLines(output), ['one', 'two', 'done', 'three']);
});

test('line ends of Windows are line ends', () => {
	assert.deepEqual(
		lastLines('one\r\ntwo\r\n').map((line) => line.trimEnd()),
		['one', 'two'],
	);
});
