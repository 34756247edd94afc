import { paths } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { afterAll, expect, it } from 'vitest';
import { driverCalls, tally } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';
import { watchLoop } from './helpers/watched-loop';

/** Calls of each flood, their rates a second (0: as fast as it goes), and what is done with them. */
const LONG = process.env.INGERO_LONG === '1';
const CALLS = LONG ? 2_000_000 : 100_000;
const FLOODS = LONG
	? [50_000, 100_000, 200_000, 350_000, 500_000, 0].flatMap((rate) =>
			[0, 0.01, 1].flatMap((admission) => [1, 2].map((threads) => ({ rate, admission, threads }))),
		)
	: [
			{ rate: 50_000, admission: 1, threads: 1 },
			{ rate: 100_000, admission: 0.01, threads: 2 },
			{ rate: 200_000, admission: 0, threads: 1 },
			{ rate: 200_000, admission: 1, threads: 2 },
			{ rate: 350_000, admission: 1, threads: 1 },
			{ rate: 350_000, admission: 0.01, threads: 1 },
			{ rate: 500_000, admission: 1, threads: 2 },
			...[0, 0.01, 1].flatMap((admission) => [1, 2].map((threads) => ({ rate: 0, admission, threads }))),
		];
const STEP_CALLS = 64;

describeKernel('every call has an end', () => {
	const rows: Record<string, number | string>[] = [];

	afterAll(() => {
		if (rows.length > 0) console.table(rows);
	});

	it.each(FLOODS)(
		`in a flood of ${CALLS} calls at $rate/s, admission $admission, threads $threads`,
		async ({ rate, admission, threads }) => {
			const flood = ['--loop', 'flood', '--calls', CALLS, '--rate', rate, '--threads', threads].map(String);
			const cpu = process.cpuUsage();
			const { watch, done, losses } = await watchLoop(flood, { admission });
			const { user, system } = process.cpuUsage(cpu);
			rows.push({
				'rate asked': rate || 'unpaced',
				'calls/s': Math.round((done.total / done.elapsed_ns) * 1e9),
				threads,
				admission,
				produced: losses.produced,
				delivered: losses.delivered,
				'sampled out': losses.sampledOut,
				dropped: losses.dropped.ring_full ?? 0,
				steps: watch.ledgers.length,
				'reader, % of a CPU': Math.round(((user + system) / done.elapsed_ns) * 1e5),
			});

			expect(done.total).toBe(CALLS);
			expect(losses.produced).toBe(CALLS);
			expect(unexplained(losses)).toBe(0);
			expect(driverCalls(watch.batches).length).toBe(losses.delivered);
			expect(losses.dropped).toEqual({
				ring_full: 0,
				no_thread_state: 0,
				nesting_overflow: 0,
				in_flight: 0,
				agent_stalled: 0,
			});
			expect(losses.ledgers.dropped).toMatchObject({ ledger_ring_full: 0, no_ledger_slot: 0, unread_arguments: 0 });
			if (admission === 1) expect(losses.sampledOut).toBe(0);
			if (admission === 0) expect(losses.delivered).toBe(0);
			// Whatever is admitted, the ledgers count all.
			expect(watch.ledgers.length).toBe(done.steps);
		},
		LONG ? 600_000 : 120_000,
	);

	it('when the ring of events is too small: what was dropped is counted to the last call', async () => {
		const { watch, done, losses } = await watchLoop(['--loop', 'flood', '--calls', '100000'], {
			admission: 1,
			eventRingBytes: 4096,
		});
		expect(losses.dropped.ring_full).toBeGreaterThan(0);
		expect(driverCalls(watch.batches).length).toBe(losses.delivered);
		expect(losses.delivered + (losses.dropped.ring_full ?? 0)).toBe(done.total);
		expect(unexplained(losses)).toBe(0);
		// Ledgers travel apart.
		expect(watch.ledgers.length).toBe(done.steps);
	});

	it('by whole steps: one that is admitted is there with all of its calls', async () => {
		const { watch, losses } = await watchLoop(['--loop', 'flood', '--calls', '64000'], { admission: 0.3 });
		expect(losses.delivered).toBeGreaterThan(0);
		expect(losses.sampledOut).toBeGreaterThan(0);
		// A step ends with its copy back, so all but the first begin with the wait for the one before.
		const names = driverCalls(watch.batches).map(({ name }) => name);
		const begins = names.flatMap((name, i) => (i === 0 || name === 'cuStreamSynchronize' ? [i] : []));
		const steps = begins.map((begin, i) => names.slice(begin, begins[i + 1]));
		const [first = [], ...others] = steps;
		expect([STEP_CALLS - 1, STEP_CALLS]).toContain(first.length);
		const last = others.pop() ?? [];
		for (const step of others) {
			expect(step.length).toBe(STEP_CALLS);
			expect(step.at(-1)).toBe('cuMemcpyDtoHAsync_v2');
		}
		// The flood ends with a wait, which is all there is of its last step.
		expect([1, STEP_CALLS]).toContain(last.length);
	});
});

describeKernel('a call that is left by a jump', () => {
	it('is counted, and makes room for those behind it, whichever they are', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1 });
		await watch.attached();
		await target.ask('leave-both 30');
		await target.ask('step 3');
		const losses = await watch.stop();
		expect(losses.dropped).toMatchObject({ in_flight: 30, nesting_overflow: 0 });
		expect(unexplained(losses)).toBe(0);
		expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toEqual({
			cuLaunchKernel: 3,
			cuEventRecord: 1,
			cuMemcpyDtoHAsync_v2: 1,
			cuStreamSynchronize: 1,
		});
	});
});

describeKernel('ledgers when their ring is too small', () => {
	it('are joined and marked, and lose no launch', async () => {
		const { watch, done, losses } = await watchLoop(['--loop', 'flood', '--calls', '64000', '--rate', '200000'], {
			ledgerRingBytes: 4096,
		});
		expect(losses.ledgers.dropped.ledger_ring_full).toBeGreaterThan(0);
		expect(losses.produced).toBe(done.total);
		expect(watch.ledgers.length).toBeLessThan(done.steps);
		expect(watch.ledgers.length).toBeGreaterThan(0);
		const launches = (done.calls.cuLaunchKernel ?? 0) + (done.calls.cuLaunchKernelEx ?? 0);
		const launchesAStep = launches / done.steps;
		for (const ledger of watch.ledgers) {
			// All of some steps, and nothing of another.
			expect(ledger.launches % launchesAStep).toBe(0);
			if (ledger.launches > launchesAStep) expect(ledger.lossy).toBe(true);
		}
		expect(tally(watch.ledgers.map(({ lossy }) => String(lossy)))).toHaveProperty('true');
	});
});
