// Everything that can be checked here: lint, import directions, types, tests, and on a machine that allows it the tests
// on the real kernel. `npm test -- --force` runs again what turbo remembers.

import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { workspaceFolders } from './bootstrap/dependencies.mjs';
import { ROOT } from './bootstrap/paths.mjs';
import { run } from './bootstrap/run.mjs';
import { addCounts, countResults, skipReasons } from './test/count-results.mjs';
import { runTurbo } from './test/turbo-tasks.mjs';
import { tracingObstacle } from './tracing-obstacle.mjs';

const turboOptions = process.argv.slice(2);
let total = { passed: 0, failed: 0, skipped: 0 };

await check('lint', 'biome', ['check', '.']);
await check('import directions', 'turbo', ['boundaries']);
await tests('scripts', 'node', ['--test', ...globSync('scripts/**/*.test.mjs', { cwd: ROOT })]);
await packages(['typecheck', 'test'], [`--concurrency=${Math.max(2, availableParallelism())}`]);

const obstacle = tracingObstacle();
if (obstacle === undefined) {
	// One at a time: they share the kernel's probes, and some assert that nothing is lost.
	await packages(['test:bpf'], ['--concurrency=1']);
} else {
	const count = packagesWith('test:bpf').length;
	line('tests on the kernel', `skipped: ${obstacle} (${count} packages)`);
	total.skipped += count;
}

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

/** Something that is right or wrong, and has no tests to count. */
async function check(name, command, args) {
	const { code, output, seconds } = await captured(command, args);
	line(name, code === 0 ? 'ok' : 'failed', seconds);
	if (code !== 0) fail(output);
}

async function tests(name, command, args) {
	const { code, output, seconds } = await captured(command, args);
	record(name, { failed: code !== 0, seconds, log: output });
	if (code !== 0) console.log(output);
}

async function packages(names, options) {
	const { code, tasks } = await runTurbo(names, [...options, ...turboOptions]);
	const typechecks = tasks.filter(({ task, failed }) => task === 'typecheck' && !failed);
	if (typechecks.length > 0) line('types', `ok in ${typechecks.length} packages`);
	for (const task of tasks) {
		const name = `${task.package} ${task.task}`;
		if (task.task.startsWith('test')) {
			record(name, task);
		} else if (task.failed) {
			line(name, 'failed', task.seconds);
			fail();
		}
	}
	// Of turbo itself.
	if (code !== 0 && !tasks.some((task) => task.failed)) fail(`turbo run ${names.join(' ')} exited with ${code}`);
}

/** Adds one run of tests to the total. One that failed without naming a test counts as one failed test. */
function record(name, { failed, seconds, log, cached = false }) {
	const found = countResults(log);
	const counts = found ?? { passed: 0, failed: 0, skipped: 0 };
	const silent = found === undefined && !failed;
	if ((failed || silent) && counts.failed === 0) counts.failed = 1;
	total = addCounts(total, counts);
	const words = ['passed', 'failed', 'skipped'].filter((word) => word === 'passed' || counts[word] > 0);
	const text = words.map((word) => `${counts[word]} ${word}`).join(', ');
	line(name, silent ? 'failed: no runner said how it ended' : text, seconds, cached);
	for (const reason of skipReasons(log)) line('', `skipped: ${reason}`);
}

function fail(output) {
	total.failed += 1;
	if (output !== undefined) console.log(output);
}

async function captured(command, args) {
	const startMs = Date.now();
	let output = '';
	const { code } = await run(command, args, {
		onOutput: (text) => {
			output += text;
		},
	});
	return { code, output, seconds: (Date.now() - startMs) / 1000 };
}

function packagesWith(script) {
	const workspace = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
	return workspaceFolders(workspace, ROOT).filter(
		(folder) => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')).scripts?.[script] !== undefined,
	);
}

function line(name, result, seconds, cached = false) {
	const time = seconds === undefined ? '' : cached ? 'cached' : `${seconds.toFixed(1)} s`;
	console.log(`${name.padEnd(40)} ${result.padEnd(34)} ${time}`.trimEnd());
}
