// Shows what Ingero does: traces a serving loop on the stand-in CUDA library with real eBPF where this machine allows it,
// and replays the recording of a real GPU where it does not.
import { join } from 'node:path';
import { startServingLoop } from '../fixtures/cuda-standin/index.js';
import { ROOT } from './bootstrap/paths.mjs';
import { run } from './bootstrap/run.mjs';
import { tracingObstacle } from './tracing-obstacle.mjs';

const RECORDING = 'fixtures/recordings/h100-serving-a.igr.gz';
/** What the agent exits with where the machine, not the agent, is to blame. */
const NOT_POSSIBLE = 2;

/** Enqueues the next step before it waits for the last, as vLLM does. Steps of 8 ms, so that a busy machine shows less. */
const LOOP = ['--loop', 'pipelined', '--decode-us', '8000', '--prefill-us', '40000'];
const SLOW = ['--slow-every', '150', '--slow-after', '100', '--slow-factor', '5'];

const obstacle = tracingObstacle();
let code = obstacle === undefined ? await trace() : NOT_POSSIBLE;
if (code === NOT_POSSIBLE) {
	console.log(`Not traced: ${obstacle ?? 'the line above says why'}. Replaying a recorded H100 instead.\n`);
	code = await ingero('replay', RECORDING, '--inference', '--json=false');
}
if (code === 0) {
	console.log(`
Embed it   packages/infer-baseline/README.md: the same baselines in a program of yours
Read on    README.md, and npx --no-install ingero trace --help
On a GPU   npx --no-install ingero check, then the same with trace --inference while the server runs`);
}
process.exitCode = code;

async function trace() {
	const loop = startServingLoop([...LOOP, ...SLOW, '--seconds', '60']);
	try {
		const { pid } = await loop.hello;
		console.log(
			`Tracing for 12 s a serving loop (process ${pid}) whose every 150th decode step is made five times slower.\n`,
		);
		return await ingero(
			'trace',
			'--inference',
			'--json=false',
			'--record=false',
			'--pid',
			String(pid),
			'--duration',
			'12s',
		);
	} finally {
		await loop.stop();
	}
}

async function ingero(...args) {
	const { code } = await run('node', [join(ROOT, 'apps', 'agent', 'bin', 'ingero.js'), ...args], { stdio: 'inherit' });
	return code;
}
