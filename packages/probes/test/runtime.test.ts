import { join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { probedFunctions } from '../src/index';
import { type CallEvent, driverCalls, runtimeCalls, tally } from './helpers/call-event';
import { withoutEvidence } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { expectSameCalls } from './helpers/same-calls';
import { Target } from './helpers/target';
import { plainName, type TracedCall, withTrace } from './helpers/trace';
import { Watch } from './helpers/watch';
import { type LoopOfMany, loopSuite, watchLoop } from './helpers/watched-loop';

const VERSIONS = ['12', '13'];
const DRIVER = new Set(probedFunctions().map(({ name }) => name));
const RUNTIME = new Set(
	probedFunctions({ runtime: true })
		.filter(({ family }) => family === 'runtime')
		.map(({ name }) => name),
);
const LOOPS = ['eager', 'graph', 'pipelined', 'multi-stream'];
const QUICK = ['--steps', '100', '--decode-us', '200', '--prefill-us', '500', '--runtime'];

const libcudart = (version: string) => join(paths.libDirectory, `libcudart.so.${version}`);
const only = (trace: readonly TracedCall[], names: ReadonlySet<string>) =>
	trace.filter((call) => names.has(plainName(call.function)));

/** Does something in a program that uses the runtime. */
async function watchRuntime(version: string, commands: readonly string[]) {
	const { result, trace } = await withTrace(async (file) => {
		await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
		await target.ask(`open-runtime ${libcudart(version)}`);
		await using watch = new Watch({ pids: [target.pid], admission: 1, runtime: true, allowSteppedSites: true });
		await watch.attached(libcudart(version));
		await watch.attached(paths.libcuda);
		for (const command of commands) await target.ask(command);
		return { watch, losses: await watch.stop() };
	});
	return { ...result, trace };
}

/** Names of the driver's calls inside each probed one of the runtime: those that came before the next one. */
function callsInside(trace: readonly TracedCall[]): string[][] {
	const calls: { readonly outer: string; readonly inner: string[] }[] = [];
	for (const call of trace) {
		const name = plainName(call.function);
		if (name.startsWith('cuda')) calls.push({ outer: name, inner: [] });
		else if (DRIVER.has(name)) calls.at(-1)?.inner.push(name);
	}
	return calls.filter(({ outer }) => RUNTIME.has(outer)).map(({ inner }) => inner);
}

const enteredNs = ({ tNs, durationNs }: CallEvent) => tNs - BigInt(durationNs);

describeKernel('calls of the runtime', () => {
	const loops = Object.fromEntries(LOOPS.map((loop) => [loop, ['--loop', loop, ...QUICK]]));
	const seen = loopSuite(loops, { admission: 1, runtime: true });
	const seenOfDriver = loopSuite(loops);

	it.each(VERSIONS)(
		'carry the arguments of every function and variant, on every kind of stream: libcudart.so.%s',
		async (version) => {
			const { watch, losses, trace } = await watchRuntime(version, ['every-runtime']);
			const made = only(trace, RUNTIME);
			expect(new Set(made.map((call) => plainName(call.function)))).toEqual(RUNTIME);
			expectSameCalls(runtimeCalls(watch.batches), made);
			expectSameCalls(driverCalls(watch.batches), only(trace, DRIVER));
			expect(unexplained(losses)).toBe(0);
			expect(losses.dropped.in_flight).toBe(0);
			expect(losses.ledgers.dropped.unread_arguments).toBe(0);
		},
	);

	it('last as long as what they call in the driver, and are around it', async () => {
		const { watch, trace } = await watchRuntime('13', ['every-runtime']);
		const driver = driverCalls(watch.batches);
		const seen = runtimeCalls(watch.batches).map((outer) =>
			driver.filter((inner) => enteredNs(inner) >= enteredNs(outer) && inner.tNs <= outer.tNs).map(({ name }) => name),
		);
		expect(seen).toEqual(callsInside(trace));
		expect(seen.flat().length).toBeGreaterThan(250);
		expect(runtimeCalls(watch.batches).every(({ durationNs }) => durationNs > 0)).toBe(true);
	});

	it('come once for a launch through the stubs that nvcc 13 compiles it to', async () => {
		const { watch, trace } = await watchRuntime('13', ['stubs 7']);
		expect(tally(runtimeCalls(watch.batches).map(({ name }) => name))).toEqual({ cudaLaunchKernel: 14 });
		expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toEqual({ cuLaunchKernel: 14 });
		expectSameCalls(runtimeCalls(watch.batches), only(trace, RUNTIME));
	});

	it.each(LOOPS)('are as many of each function as the loop made, and put nothing on a ledger: %s', (loop) => {
		const { watch, done } = seen(loop);
		const made = Object.entries(done.runtime_calls ?? {}).filter(([name]) => RUNTIME.has(name));
		expect(tally(runtimeCalls(watch.batches).map(({ name }) => name))).toEqual(Object.fromEntries(made));
		expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toEqual(done.calls);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));

		const work = ({ watch: { ledgers } }: LoopOfMany) =>
			ledgers.map(({ launches, graphLaunches, gridBlocks, memcpyBytes, allocs, allocBytes, frees }) => [
				...[launches, graphLaunches, gridBlocks, memcpyBytes],
				...[allocs, allocBytes, frees],
			]);
		expect(work(seen(loop))).toEqual(work(seenOfDriver(loop)));
	});

	it('are not probed unless they are asked for', async () => {
		const { watch } = await watchLoop(['--loop', 'eager', ...QUICK], { admission: 1 });
		expect(runtimeCalls(watch.batches)).toEqual([]);
		expect(watch.news.map(({ path }) => path)).toEqual([paths.libcuda]);
	});
});
