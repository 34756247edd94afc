import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from './missing.mjs';

const HERE = join(import.meta.dirname, '..');

test('figures, matches and reports', { skip: missing() }, () => {
	const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
	const done = spawnSync('python3', ['-m', 'unittest', 'discover', '-s', 'test', '-t', '.'], { cwd: HERE, env });
	assert.equal(done.status, 0, String(done.stderr));
	assert.match(String(done.stderr), /^Ran \d{2,} tests/m);
});
