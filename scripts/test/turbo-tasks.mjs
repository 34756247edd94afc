import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { run } from '../bootstrap/run.mjs';

const SUMMARIES = join(ROOT, '.turbo', 'runs');

/**
 * Runs tasks in every package to the end, whatever fails; failing ones print their output.
 *
 * @typedef {{ package: string, task: string, failed: boolean, cached: boolean, seconds: number, log: string }} TaskResult
 * @returns {Promise<{ code: number, tasks: TaskResult[] }>} also the tasks that these depend on; not those that were
 *   never started, because one they depend on has failed
 */
export async function runTurbo(names, options) {
	const before = new Set(listSummaries());
	const fixed = ['--summarize', '--output-logs=errors-only', '--continue=dependencies-successful'];
	const { code } = await run('turbo', ['run', ...names, ...fixed, ...options], { stdio: 'inherit' });
	const summary = listSummaries().find((name) => !before.has(name));
	if (summary === undefined) return { code, tasks: [] };
	const path = join(SUMMARIES, summary);
	const { tasks } = JSON.parse(readFileSync(path, 'utf8'));
	rmSync(path);
	return { code, tasks: tasks.filter(({ execution }) => execution !== undefined).map(toResult) };
}

function toResult({ package: name, task, directory, execution, cache }) {
	// Made up here, since the summary leaves out the file of a task with a colon, which its name spells out.
	const log = join(ROOT, directory ?? '', '.turbo', `turbo-${task.split(':').join('$colon$')}.log`);
	return {
		package: name,
		task,
		failed: execution.exitCode !== 0,
		cached: cache?.status === 'HIT',
		seconds: (execution.endTime - execution.startTime) / 1000,
		log: existsSync(log) ? readFileSync(log, 'utf8') : '',
	};
}

function listSummaries() {
	return existsSync(SUMMARIES) ? readdirSync(SUMMARIES) : [];
}
