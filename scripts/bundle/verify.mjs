import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { tracingObstacle } from '../tracing-obstacle.mjs';
import { command } from './command.mjs';

/** Unpacks what was made, away from this repository, and runs it with nothing in its environment. */
export function verifyArchive(archive, name) {
	const folder = mkdtempSync(join(tmpdir(), 'ingero bundle '));
	try {
		command('tar', ['-C', folder, '-xJf', archive]);
		const ingero = (...args) => command('/usr/bin/env', ['-i', join(folder, name, 'ingero'), ...args], {}, folder);
		process.stdout.write(ingero('version'));
		const recording = join(ROOT, 'fixtures/recordings/h100-serving-a.igr.gz');
		const lines = ingero('replay', recording, '--inference', '--json').trim().split('\n');
		if (!lines.some((line) => JSON.parse(line).type === 'inference_outlier'))
			throw new Error('the replay found no outlier');
		ingero('check');
		const obstacle = tracingObstacle();
		if (obstacle === undefined) traceStandIn(join(folder, name), folder);
		else console.log(`tracing with the bundle: skipped: ${obstacle}`);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function traceStandIn(bundle, folder) {
	const loop = [join(bundle, 'standin/bin/serving-loop'), '--seconds', '6'];
	command(join(bundle, 'run-on-gpu-host.sh'), ['-o', join(folder, 'out'), '--', ...loop], {}, folder);
	const steps = command('grep', ['-c', '"type":"inference_step"', join(folder, 'out/trace.ndjson')]);
	console.log(`tracing with the bundle: ${steps.trim()} steps`);
}
