import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countResults, skipReasons } from './count-results.mjs';

test('a vitest run, with the colours of a terminal', () => {
	const log =
		'\u001b[2m Test Files \u001b[22m \u001b[1m\u001b[32m8 passed\u001b[39m\u001b[22m\u001b[90m (8)\u001b[39m\n' +
		'\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m78 passed\u001b[39m\u001b[22m\u001b[90m (78)\u001b[39m\n';
	assert.deepEqual(countResults(log), { passed: 78, failed: 0, skipped: 0 });
});

test('a vitest run with everything in it', () => {
	const log = ' Test Files  1 failed | 7 passed (8)\n      Tests  1 failed | 77 passed | 2 skipped | 3 todo (83)\n';
	assert.deepEqual(countResults(log), { passed: 77, failed: 1, skipped: 5 });
});

test('a package without test files that is allowed to have none', () => {
	assert.deepEqual(countResults('No test files found, exiting with code 0\n'), { passed: 0, failed: 0, skipped: 0 });
});

test("node's runner, in both of its forms", () => {
	const words = ['tests 9', 'suites 0', 'pass 4', 'fail 1', 'cancelled 1', 'skipped 2', 'todo 1', 'duration_ms 61.5'];
	for (const mark of ['ℹ', '#']) {
		const log = words.map((word) => `${mark} ${word}\n`).join('');
		assert.deepEqual(countResults(log), { passed: 4, failed: 2, skipped: 3 });
	}
});

test('several runs in one task are added up', () => {
	const log = '      Tests  3 passed (3)\n# pass 2\n# fail 0\n# duration_ms 1\n      Tests  1 failed | 1 passed (2)\n';
	assert.deepEqual(countResults(log), { passed: 6, failed: 1, skipped: 0 });
});

test('a runner that died has not said how it ended', () => {
	assert.equal(countResults(' RUN  v5.1.1\n ✓ src/a.test.ts (3 tests)\nSegmentation fault\n'), undefined);
});

test('a test that prints something alike is not counted', () => {
	assert.equal(countResults('Tests are 3 passed (3) of them\n# pass through 5\n'), undefined);
});

test('reasons for what was skipped are told once each', () => {
	const log = 'skipped: no kprobes here\n ↓ \u001b[33mskipped: no GPU\u001b[39m\nskipped: no GPU\n2 skipped\n';
	assert.deepEqual(skipReasons(log), ['no kprobes here', 'no GPU']);
});
