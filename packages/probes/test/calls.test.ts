import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { expect, it } from 'vitest';
import { probedFunctions } from '../src/index';
import { type CallEvent, driverCalls, tally } from './helpers/call-event';
import { expectedArguments, parseTrace, plainName, type TracedCall, UNTOLD } from './helpers/expected-arguments';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';
import { watchLoop } from './helpers/watched-loop';

const LOOPS = ['eager', 'graph', 'pipelined', 'nine-sync', 'multi-stream', 'flood'];
const QUICK = ['--steps', '100', '--decode-us', '200', '--prefill-us', '500', '--calls', '6400'];
const probed = (memory: boolean) => new Set(probedFunctions(memory).map(({ name }) => name));

async function withTrace<T>(
	names: ReadonlySet<string>,
	use: (file: string) => Promise<T>,
): Promise<{ result: T; trace: TracedCall[] }> {
	const folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
	try {
		const file = join(folder, 'trace');
		const result = await use(file);
		const calls = parseTrace(readFileSync(file, 'utf8'));
		return { result, trace: calls.filter((call) => names.has(plainName(call.function))) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Holds a run's events against the stand-in's own account of it, thread by thread, in order. */
function expectSameCalls(events: readonly CallEvent[], trace: readonly TracedCall[], memory = false): void {
	const tids = new Set(trace.map(({ tid }) => tid));
	expect(new Set(events.map(({ tid }) => tid))).toEqual(tids);
	for (const tid of tids) {
		const made = trace.filter((call) => call.tid === tid);
		const seen = events.filter((event) => event.tid === tid);
		expect(seen.map(({ name }) => name)).toEqual(made.map((call) => plainName(call.function)));
		made.forEach((call, i) => {
			const event = seen[i] as CallEvent;
			const expected = expectedArguments(call, memory).map((value, place) =>
				value === UNTOLD ? event.args[place] : value,
			);
			expect([call.function, ...event.args]).toEqual([call.function, ...expected]);
			// The probe is in the first instructions; the trace is written after them. A timed call is stamped when it ends.
			const enteredNs = event.tNs - BigInt(event.durationNs);
			expect(enteredNs).toBeLessThanOrEqual(call.ns);
			if (event.durationNs > 0) expect(event.tNs).toBeGreaterThanOrEqual(call.ns);
		});
	}
}

describeKernel('calls seen by the probes', () => {
	it.each(LOOPS.flatMap((loop) => [['--driver'], ['--runtime', '--threads', '2']].map((layer) => ({ loop, layer }))))(
		'are as many of each function as the loop made: $loop $layer',
		async ({ loop, layer }) => {
			const { watch, done } = await watchLoop(['--loop', loop, ...QUICK, ...layer], { admission: 1 });
			expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toEqual(done.calls);
		},
	);

	it.each(LOOPS)('carry the arguments of the call: %s', async (loop) => {
		const { result, trace } = await withTrace(probed(false), (file) =>
			watchLoop(['--loop', loop, ...QUICK, '--threads', '2'], { admission: 1, env: { STANDIN_TRACE: file } }),
		);
		expectSameCalls(driverCalls(result.watch.batches), trace);
	});

	it.each([false, true])(
		'carry the arguments of every function and variant, on every kind of stream; memory followed: %s',
		async (memory) => {
			const { result, trace } = await withTrace(probed(memory), async (file) => {
				await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
				await using watch = new Watch({ pids: [target.pid], admission: 1, memory });
				await watch.attached();
				await target.ask('init');
				const allocated = await target.ask('every');
				await target.ask('threads 3');
				await watch.stop();
				return { events: driverCalls(watch.batches), allocated };
			});
			expect(new Set(trace.map((call) => plainName(call.function)))).toEqual(probed(memory));
			expectSameCalls(result.events, trace, memory);
			const given = result.events.filter(({ name, args }) => /^cuMem(Alloc|Create)/.test(name) && args[1] > 0n);
			const addresses = result.allocated.split(' ').map(BigInt);
			if (memory) expect(given.map(({ args }) => args[1])).toEqual(addresses);
			else expect(given[0]?.args[1]).toBe(addresses[0]);
			const refused = result.events.filter(({ name }) => name === 'cuMemAlloc_v2')[1];
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
