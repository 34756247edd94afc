import assert from 'node:assert/strict';
import { features } from '@ingero/bpf-loader-native';
import { paths } from '@ingero/fixture-cuda-standin';
import { EventPipeline, OperationTable, unexplained } from '@ingero/steps';
import { heldObjects, loadedPrograms, patchedBytes, programsGone, showPrograms } from './kernel-state.mjs';
import { check } from './report.mjs';
import { driverCalls, memoryCalls, probedCalls, tally, watchLoop } from './watch.mjs';

const CALLS = 6400;
const STEPS = ['--steps', '60', '--decode-us', '200', '--prefill-us', '500', '--prefill-launches', '40'];
const FLOOD = ['--loop', 'flood', '--calls', String(CALLS), '--threads', '2'];

/** Serving loops on the stand-in, with every driver probe attached. */
export async function checkProbes() {
	showPrograms();
	await check('attach and detach', attachAndDetach);
	await check('flood', flood);
	await check('sampled flood', sampledFlood);
	await check('multi-stream', multiStream);
	await check('memory', memory);
	await check('runtime and NCCL', runtimeAndNccl);
}

/**
 * Probes are on each of the library's functions while a session runs, and nothing of them is left when it has ended. In
 * between, a ledger for every step, equal to the one that the events of the same run give.
 */
async function attachAndDetach() {
	const before = { programs: loadedPrograms(), objects: heldObjects() };
	let attached;
	let left;
	const run = await watchLoop(
		['--loop', 'eager', ...STEPS],
		{ admission: 1 },
		{
			attached: (pid) => {
				attached = {
					bytes: patchedBytes(pid, paths.libcuda),
					programs: loadedPrograms(),
					links: tally(heldObjects().filter((text) => text.startsWith('link_type'))),
				};
			},
			detached: (pid) => {
				left = patchedBytes(pid, paths.libcuda);
			},
		},
	);
	const { probes } = run.libraries.find(({ type }) => type === 'attached');
	const sites = probes.symbols.filter(({ site, refused }) => site !== undefined && refused === undefined).length;
	assert.ok(sites > 30, `${sites} functions probed`);
	assert.ok(attached.bytes >= sites, `${sites} functions probed, ${attached.bytes} bytes of code changed`);
	assert.equal(left, 0);
	// One link for many sites where the kernel has that, else one perf event a site, and a second one for its return.
	const { 'link_type: uprobe_multi': multi = 0, 'link_type: perf': perf = 0 } = attached.links;
	if (features().uprobeMulti.supported) assert.ok(multi > 0 && perf === 0, JSON.stringify(attached.links));
	else assert.ok(perf >= sites && multi === 0, JSON.stringify(attached.links));
	assert.ok(attached.programs.length > before.programs.length + 5);
	await programsGone(before.programs);
	assert.deepEqual(heldObjects(), before.objects);
	expectEveryCall(run);
	assert.equal(run.ledgers.length, run.labels.length);
	assert.deepEqual(run.ledgers.map(withoutEvidence), rebuilt(run).map(withoutEvidence));
	return { ...counts(run), rebuilt: run.ledgers.length, sites, links: attached.links };
}

/** As fast as it goes, by two threads, with every call delivered, in a process that the session found by itself. */
async function flood() {
	const run = await watchLoop(FLOOD, { admission: 1, everyProcess: true });
	assert.equal(run.done.total, CALLS);
	expectEveryCall(run);
	assert.equal(run.ledgers.length, run.done.steps);
	return counts(run);
}

/** Some steps are delivered, all are counted. */
async function sampledFlood() {
	const run = await watchLoop(FLOOD, { admission: 0.3 });
	const { losses } = run;
	assert.equal(losses.produced, CALLS);
	assert.equal(losses.delivered + losses.sampledOut, CALLS);
	assert.ok(losses.delivered > 0 && losses.sampledOut > 0);
	assert.deepEqual(droppedOf(losses.dropped), {});
	assert.equal(driverCalls(run).length, losses.delivered);
	expectLedgersCount(run);
	return counts(run);
}

/** The arguments of each call are those that it was called with: a launch's stream is the tenth, which lies on the stack on x86-64 and arm64. */
async function multiStream() {
	const run = await watchLoop(['--loop', 'multi-stream', ...STEPS], { admission: 1 });
	expectEveryCall(run);
	const calls = driverCalls(run);
	const streams = new Set();
	let compared = 0;
	for (const tid of new Set(calls.map((call) => call.tid))) {
		const seen = calls.filter((call) => call.tid === tid);
		const made = run.trace.filter((call) => call.tid === tid && call.name in run.done.calls);
		assert.equal(seen.length, made.length);
		seen.forEach((call, i) => {
			compared += expectArguments(call, made[i]);
			if (call.name === 'cuLaunchKernel') streams.add(call.arguments[1]);
		});
	}
	assert.ok(!streams.has(0n) && streams.size === 2, `launches on ${streams.size} streams`);
	return { ...counts(run), arguments: compared };
}

/** Return probes: what the driver allocated, with the addresses it gave. */
async function memory() {
	const run = await watchLoop(['--loop', 'eager', ...STEPS, '--kv', 'segments'], { memory: true });
	const calls = memoryCalls(run);
	const made = run.trace.filter(({ name }) => /^cuMem(Alloc|Free)/.test(name));
	const seen = calls.filter(({ name }) => /^cuMem(Alloc|Free)/.test(name));
	assert.deepEqual(
		seen.map(({ name }) => name),
		made.map(({ name }) => name),
	);
	const allocations = seen.filter(({ name }) => name === 'cuMemAlloc_v2');
	const given = allocations.filter(({ arguments: [, address, refused] }) => address !== 0n && refused === 0n);
	const refused = allocations.filter(({ arguments: [, , code] }) => code !== 0n);
	assert.ok(given.length > 0 && refused.length > 0);
	assert.equal(given.length + refused.length, allocations.length);
	assert.equal(unexplained(run.losses), 0);
	return { allocations: given.length, refused: refused.length };
}

/** The other libraries: every call of a probed function is there, once, beside the driver's. */
async function runtimeAndNccl() {
	const options = { admission: 1, runtime: true, nccl: true };
	const run = await watchLoop(['--loop', 'eager', ...STEPS, '--runtime', '--nccl', '1'], options);
	const { calls, runtime_calls: runtimeCalls, nccl_calls: ncclCalls } = run.done;
	const seen = tally(probedCalls(run).map(({ name }) => name));
	const probed = new Set([...run.session.operations.values()].map(({ name }) => name));
	const made = Object.entries({ ...calls, ...runtimeCalls, ...ncclCalls }).filter(([name]) => probed.has(name));
	assert.deepEqual(seen, sorted(Object.fromEntries(made)));
	assert.ok(seen.ncclAllReduce > 0 && Object.keys(seen).some((name) => name.startsWith('cuda')));
	assert.equal(
		run.ledgers.reduce((total, ledger) => total + ledger.ncclCalls, 0),
		seen.ncclAllReduce,
	);
	assert.equal(unexplained(run.losses), 0);
	assert.deepEqual(droppedOf(run.losses.dropped), {});
	return counts(run);
}

/** Events, counters and ledgers each tell the loop's own count of its calls. */
function expectEveryCall(run) {
	const { done, losses } = run;
	const { produced, delivered, sampledOut } = losses;
	// Together, so that a call that is missing is shown with what became of it.
	assert.deepEqual(
		{ produced, delivered, sampledOut, dropped: droppedOf(losses.dropped), unexplained: unexplained(losses) },
		{ produced: done.total, delivered: done.total, sampledOut: 0, dropped: {}, unexplained: 0 },
	);
	assert.deepEqual(tally(driverCalls(run).map(({ name }) => name)), sorted(done.calls));
	expectLedgersCount(run);
}

/** The causes of loss that something was lost by. */
function droppedOf(causes) {
	return Object.fromEntries(Object.entries(causes).filter(([, count]) => count !== 0));
}

/** The sums of the ledgers are the calls, blocks and bytes that the stand-in says it was asked for. */
function expectLedgersCount({ done, trace, ledgers, losses }) {
	const sum = (field) => ledgers.reduce((total, ledger) => total + ledger[field], 0);
	const made = (pattern, value) =>
		trace.filter(({ name }) => pattern.test(name)).reduce((total, { values }) => total + value(values), 0);
	const launch = /^cuLaunch(Cooperative)?Kernel/;
	const launches = Object.entries(done.calls).filter(([name]) => launch.test(name));
	assert.ok(launches.length > 0);
	assert.equal(
		sum('launches'),
		launches.reduce((total, [, count]) => total + count, 0),
	);
	assert.equal(
		sum('gridBlocks'),
		made(launch, ({ grid }) => Number(product(grid))),
	);
	assert.equal(sum('graphLaunches'), done.calls.cuGraphLaunch ?? 0);
	const bytes = (values) => Number(values.bytes);
	assert.equal(sum('hostToDeviceBytes'), made(/^cuMemcpyHtoD/, bytes));
	assert.equal(sum('deviceToHostBytes'), made(/^cuMemcpyDtoH/, bytes));
	// A record that came late is used all the same.
	assert.deepEqual(droppedOf({ ...losses.ledgers.dropped, late: 0 }), {});
	assert.ok(ledgers.every(({ lossy }) => !lossy));
}

/** @returns {number} arguments that were compared */
function expectArguments(seen, made) {
	assert.equal(seen.name, made.name);
	let compared = 0;
	seen.argumentNames.forEach((name, i) => {
		const value = name.startsWith('grid_blocks<<12') ? workOf(made.values) : made.values[name];
		if (value === undefined) return;
		assert.deepEqual([seen.name, name, seen.arguments[i]], [seen.name, name, BigInt(value)]);
		compared += 1;
	});
	return compared;
}

function workOf({ grid, block }) {
	const threads = product(block);
	return (product(grid) << 12n) | (threads > 4095n ? 4095n : threads);
}

function product(dimensions) {
	return dimensions.split(',').reduce((size, dimension) => size * BigInt(dimension), 1n);
}

/** The ledgers that the one pure builder makes of the raw events of a run. */
function rebuilt({ session, clock, events }) {
	const ledgers = [];
	const table = new OperationTable(session.operations);
	const pipeline = new EventPipeline({ table, clock, onCompleted: (ledger) => ledgers.push(ledger) });
	for (const { words, count } of events) pipeline.push(words, count);
	pipeline.end();
	return ledgers;
}

function withoutEvidence({ evidence, ...ledger }) {
	return ledger;
}

function counts({ losses, ledgers }) {
	const { produced, delivered, sampledOut } = losses;
	return { produced, delivered, sampledOut, ledgers: ledgers.length };
}

function sorted(calls) {
	return Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1)));
}
