import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing } from './missing.mjs';

const HERE = join(import.meta.dirname, '..');
const ROOT = join(HERE, '../..');

/** Calls in one iteration of each loop: a launch, and its share of the copy and the wait that end a batch. */
const CALLS = { launches: 1 + 1 / 1000, steps: 1 + 2 / 100 };

test('check and launch, on the stand-in library', { skip: missing('g++') }, () => {
	const folder = mkdtempSync(join(tmpdir(), 'ingero bench '));
	try {
		const { output, report, markdown } = run(folder);
		assert.deepEqual(
			report.loops.map(({ name }) => name),
			Object.keys(CALLS),
			output,
		);
		for (const { name, modes } of report.loops) {
			assert.deepEqual(
				modes.map(({ mode, rounds }) => [mode, rounds]),
				[['no-governor', 2]],
				output,
			);
			assert.ok(modes[0].ratio > 0 && modes[0].cpu_share > 0);
			const launches = modes[0].where.programs.find(({ program }) => program === 'launch_kernel');
			assert.equal(launches.hits, 1);
			assert.equal(modes[0].losses.calls_an_iteration.toFixed(6), CALLS[name].toFixed(6));
		}
		assert.ok(report.loops[1].modes[0].steps > 0);
		assert.match(report.check.text, /\/libcuda\.so\.1 \(process \d+\)/);
		assert.match(markdown, /\| `--max-overhead 0` +\|/);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

function run(folder) {
	const bundle = join(folder, 'bundle');
	const out = join(folder, 'out');
	mkdirSync(bundle);
	const launcher = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'apps/agent/bin/ingero.js')}' "$@"\n`;
	writeFileSync(join(bundle, 'ingero'), launcher, { mode: 0o755 });
	const what = ['check', 'launch', '--standin', join(ROOT, 'fixtures/cuda-standin'), '--modes', 'no-governor'];
	const how = ['--rounds', '2', '--seconds', '0.1', '--settle', '0.1'];
	// The agent that a developer has running is none of this test's business.
	const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', INGERO_LOCK: join(folder, 'agent.lock') };
	const done = spawnSync('bash', [join(HERE, 'run.sh'), bundle, out, ...what, ...how], { env, timeout: 120_000 });
	const output = `${done.stdout}${done.stderr}`;
	assert.equal(done.status, 0, output);
	return {
		output,
		report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')),
		markdown: readFileSync(join(out, 'report.md'), 'utf8'),
	};
}
