// `npm start`, `npm test`, `npm run setup`, `bench:accuracy`, `bench:probes`, `test:kernels` and `build:arm64`: brings in and
// builds what they need, then runs the script in this folder that package.json names.
// Needs only Node 18 and npm, and no package; whatever runs after the set-up may use the pinned Node and the workspace.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from './bootstrap/environment.mjs';
import { ROOT } from './bootstrap/paths.mjs';
import { run } from './bootstrap/run.mjs';
import { setUp } from './bootstrap/set-up.mjs';
import { StageError } from './bootstrap/stage.mjs';

const [action, ...args] = process.argv.slice(2);
const script = join(ROOT, 'scripts', `${action}.mjs`);
const ACTIONS = ['setup', 'start', 'test', 'accuracy', 'probes', 'kernels/test', 'kernels/build-arm64'];
if (!ACTIONS.includes(action) || (action !== 'setup' && !existsSync(script))) {
	console.error(`usage: node scripts/bootstrap.mjs ${ACTIONS.join('|')}, not ${action ?? 'nothing'}`);
	process.exit(2);
}

try {
	await setUp({ forTests: action === 'test' });
	if (action !== 'setup') {
		// From PATH, where the set-up has put the pinned Node first.
		process.exitCode = (await run('node', [script, ...args], { env: toolEnvironment(), stdio: 'inherit' })).code;
	}
} catch (error) {
	if (!(error instanceof StageError)) throw error;
	console.error(error.message);
	process.exitCode = error.exitCode;
}
