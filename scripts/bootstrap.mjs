// `npm start`, `npm test`, `npm run setup` and `npm run bench:accuracy`: brings in and builds what they need, then runs
// scripts/start.mjs, test.mjs or accuracy.mjs.
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
if (!['setup', 'start', 'test', 'accuracy'].includes(action) || (action !== 'setup' && !existsSync(script))) {
	console.error(`usage: node scripts/bootstrap.mjs setup|start|test|accuracy, not ${action ?? 'nothing'}`);
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
