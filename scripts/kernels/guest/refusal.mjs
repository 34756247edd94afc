import assert from 'node:assert/strict';
import { release } from 'node:os';
import { ingero } from './survey.mjs';

/** A kernel that is too old is refused with the reason, by every way in. */
export function checkRefusal() {
	const trace = ingero('trace', '--inference', '--duration', '1s');
	assert.match(trace.stderr, /5\.15/);
	assert.ok(trace.stderr.includes(release()), trace.stderr);
	assert.equal(trace.status, 2);

	const checked = ingero('check', '--json', '--strict');
	const kernel = JSON.parse(checked.stdout).checks.find(({ name }) => name === 'kernel');
	assert.equal(kernel.status, 'missing');
	assert.equal(kernel.value, release());
	assert.match(kernel.advice, /5\.15/);
	assert.equal(checked.status, 1);
	return { exitCode: trace.status, says: trace.stderr.trim() };
}
