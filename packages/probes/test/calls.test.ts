import { paths } from '@ingero/fixture-cuda-standin';
import { expect, it } from 'vitest';
import { probedFunctions } from '../src/index';
import { driverCalls, tally } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { expectSameCalls } from './helpers/same-calls';
import { Target } from './helpers/target';
import { plainName, type TracedCall, withTrace } from './helpers/trace';
import { Watch } from './helpers/watch';
import { loopSuite, watchLoop } from './helpers/watched-loop';

const LOOPS = ['eager', 'graph', 'pipelined', 'nine-sync', 'multi-stream', 'flood'];
const QUICK = ['--steps', '100', '--decode-us', '200', '--prefill-us', '500', '--calls', '6400'];
const probed = (memory: boolean) => new Set(probedFunctions({ memory }).map(({ name }) => name));

const onlyProbed = (trace: readonly TracedCall[], names: ReadonlySet<string>) =>
	trace.filter((call) => names.has(plainName(call.function)));

describeKernel('calls seen by the probes', () => {
	const loops = LOOPS.map((loop) => [loop, ['--loop', loop, ...QUICK, '--runtime', '--threads', '2']]);
	const seen = loopSuite(Object.fromEntries(loops), { admission: 1 });

	it.each(LOOPS)('are as many of each function as the loop made: %s', (loop) => {
		const { watch, done } = seen(loop);
		expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toEqual(done.calls);
	});

	it.each(LOOPS)('carry the arguments of the call: %s', async (loop) => {
		const { result, trace } = await withTrace((file) =>
			watchLoop(['--loop', loop, ...QUICK, '--threads', '2'], { admission: 1, env: { STANDIN_TRACE: file } }),
		);
		expectSameCalls(driverCalls(result.watch.batches), onlyProbed(trace, probed(false)));
	});

	it.each([false, true])(
		'carry the arguments of every function and variant, on every kind of stream; memory followed: %s',
		async (memory) => {
			const { result: events, trace } = await withTrace(async (file) => {
				await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
				await using watch = new Watch({ pids: [target.pid], admission: 1, memory, allowSteppedSites: true });
				await watch.attached();
				await target.ask('init');
				await target.ask('every');
				await target.ask('threads 3');
				await watch.stop();
				return driverCalls(watch.batches);
			});
			const made = onlyProbed(trace, probed(memory));
			expect(new Set(made.map((call) => plainName(call.function)))).toEqual(probed(memory));
			expectSameCalls(events, made);
			const refused = events.filter(({ name }) => name === 'cuMemAlloc_v2')[1];
			expect(refused?.args).toEqual([0n, 0n, 1n]);
		},
	);

	it('come in the order in which they were made, also from two threads', async () => {
		const { watch } = await watchLoop(['--loop', 'flood', '--calls', '100000', '--threads', '2'], { admission: 1 });
		const times = driverCalls(watch.batches).map(({ tNs }) => tNs);
		expect(times.length).toBe(100_000);
		expect(times.every((tNs, i) => i === 0 || tNs >= (times[i - 1] as bigint))).toBe(true);
	});
});
