import { paths } from '@ingero/fixture-cuda-standin';
import type { CompletedLedger } from '@ingero/steps';
import { expect, it } from 'vitest';
import { withoutEvidence } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';
import { loopSuite, watchLoop } from './helpers/watched-loop';

const LOOPS = ['eager', 'graph', 'pipelined', 'nine-sync', 'multi-stream'] as const;
const VARIANTS = [[], ['--runtime'], ['--threads', '2']];
const RUNS = LOOPS.flatMap((loop) =>
	VARIANTS.map((variant) => ({ loop, variant, name: [loop, ...variant].join(' ') })),
);
const QUICK = ['--steps', '150', '--decode-us', '300', '--prefill-us', '900'];

/**
 * Ledgers, with what threads allocated apart: a thread that has not named a stream yet allocates on the default one,
 * which all threads share, and whose read-back of two at the same microsecond takes it is anybody's guess.
 */
function withAllocationsApart(ledgers: readonly CompletedLedger[]) {
	const sum = (field: 'allocs' | 'allocBytes' | 'frees') => ledgers.reduce((total, ledger) => total + ledger[field], 0);
	return {
		ledgers: withoutEvidence(ledgers).map((ledger) => ({ ...ledger, allocs: 0, allocBytes: 0, frees: 0 })),
		allocated: { allocs: sum('allocs'), allocBytes: sum('allocBytes'), frees: sum('frees') },
	};
}

describeKernel('ledgers from the kernel', () => {
	const loops = RUNS.map(({ loop, variant, name }) => [name, ['--loop', loop, ...QUICK, ...variant]]);
	const seen = loopSuite(Object.fromEntries(loops), { admission: 1 });

	it.each(RUNS)(
		'equal those built from the raw events of the same run, and the steps of the loop: $name',
		({ loop, variant, name }) => {
			const { watch, labels, losses } = seen(name);
			expect(losses.dropped).toMatchObject({ ring_full: 0, no_thread_state: 0 });
			if (variant.includes('--threads')) {
				expect(withAllocationsApart(watch.ledgers)).toEqual(withAllocationsApart(rebuild(watch)));
			} else expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));

			expect(watch.ledgers.length).toBe(labels.length);
			for (const tid of new Set(labels.map((label) => label.tid))) {
				const own = labels.filter((label) => label.tid === tid);
				const ledgers = watch.ledgers.filter((ledger) => ledger.tid === tid);
				expect(ledgers.length).toBe(own.length);
				own.forEach((label, step) => {
					// The wait has returned for the kernel shortly before the loop looks at its clock.
					const completedNs = Number(watch.clock.absolute(ledgers[step]?.completedNs ?? 0));
					expect(completedNs).toBeLessThanOrEqual(label.t1 + 200_000);
					// The pipelined loop begins with queries of events that were never recorded. They succeed, and are taken
					// for the end of the oldest read-back.
					if (loop !== 'pipelined') expect(completedNs).toBeGreaterThan(label.t0);
				});
			}
			expect(watch.ledgers.some((ledger) => ledger.lossy)).toBe(false);
		},
	);

	it('equal those built from the raw events of a flood', async () => {
		const { watch, done } = await watchLoop(['--loop', 'flood', '--calls', '64000', '--rate', '100000'], {
			admission: 1,
		});
		expect(watch.ledgers.length).toBe(done.steps);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('count what another thread enqueued on a stream that was joined', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1 });
		await watch.attached();
		await target.ask('join 7');
		await target.ask('join 3');
		await watch.stop();
		expect(watch.ledgers.map(({ launches, tid }) => [launches, tid])).toEqual([
			[7, target.pid],
			[3, target.pid],
		]);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('equal those built from the raw events of every function, on every kind of stream', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1, allowSteppedSites: true });
		await watch.attached();
		await target.ask('every');
		await target.ask('threads 5');
		await target.kill();
		await watch.stop();
		expect(watch.ledgers.length).toBeGreaterThan(5);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('equal those built from the raw events of more streams than are followed, with every launch on one', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1 });
		await watch.attached();
		await target.ask('streams 600');
		const losses = await watch.stop();
		expect(losses.ledgers.dropped.streams_overflow).toBeGreaterThan(0);
		expect(watch.ledgers.map(({ launches }) => launches)).toEqual(Array(600).fill(1));
		expect(new Set(watch.ledgers.map(({ streamHandle }) => streamHandle)).size).toBe(513);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});
});
