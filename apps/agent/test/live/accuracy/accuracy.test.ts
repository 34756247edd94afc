import { describe, expect, test } from 'vitest';
import { loopP95Ns, type ObservedStep, observeLoop } from './observe-loop';

/** The long form plays 10,000 steps a loop: INGERO_LONG=1. */
const LONG = process.env.INGERO_LONG === '1';
const STEPS = LONG ? 10_200 : 1_600;
const LOOPS = ['eager', 'graph', 'pipelined', 'nine-sync', 'multi-stream'];
/** Before this step baselines are being learnt. */
const LEARNT = 200;
const privileged = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!privileged)("by the serving loop's own clock", () => {
	test.each(LOOPS)(
		'%s: every slow step is printed, in the right phase, and nothing else',
		{ timeout: 120_000 },
		async (loop) => {
			const observed = await observeLoop([
				...['--loop', loop, '--steps', String(STEPS), '--decode-us', '1500', '--prefill-us', '4000'],
				...['--slow-every', LONG ? '500' : '100', '--slow-factor', '10', '--slow-phase', 'any'],
			]);
			const p95Ns = { decode: loopP95Ns(observed, 'decode'), prefill: loopP95Ns(observed, 'prefill') };
			const learnt = observed.slice(LEARNT);
			const slow = learnt.filter(({ label, durationNs }) => durationNs >= 3.2 * p95Ns[label.phase]);
			const outliers = learnt.filter(({ printed }) => printed.some(({ bucket }) => bucket !== null));
			report(loop, observed, slow, outliers, p95Ns);

			expect(observed.filter(({ printed }) => printed.length === 1).length / observed.length).toBeGreaterThan(0.998);
			expect(slow.length).toBeGreaterThan(0);
			for (const { label, printed } of slow) {
				// Work that has not been seen often enough yet has nothing to be slow against.
				if (printed[0]?.threshold_ns === null) continue;
				expect(printed[0]?.bucket, `step ${label.step} took ${(label.t1 - label.t0) / 1e6} ms`).not.toBeNull();
				expect(printed[0]?.phase).toBe(label.phase);
			}
			// What was called slow was slow by the loop's clock too, against what it was compared with; of few, one may be
			// wrong: the loop may be kept from running between the end of its wait and its look at the clock.
			const wrong = outliers.filter(({ printed, durationNs }) => durationNs < 1.45 * (printed[0]?.threshold_ns ?? 0));
			expect(wrong.length).toBeLessThanOrEqual(Math.max(1, 0.02 * outliers.length));
		},
	);
});

function report(
	loop: string,
	observed: readonly ObservedStep[],
	slow: readonly ObservedStep[],
	outliers: readonly ObservedStep[],
	p95Ns: Readonly<Record<'decode' | 'prefill', number>>,
): void {
	const latencies = slow.flatMap(({ printed }) => printed.map(({ readAtNs, end_ns }) => (readAtNs - end_ns) / 1e6));
	const ratios = outliers.map(({ label, durationNs }) => durationNs / p95Ns[label.phase]);
	console.log(
		`${loop}: ${observed.length} steps, ${slow.length} at least 3.2 times the loop's p95, ` +
			`${slow.filter(({ printed }) => printed[0]?.bucket).length} of them printed, the latest after ${Math.max(...latencies).toFixed(0)} ms; ` +
			`${outliers.length} outliers, ${ratios.filter((ratio) => ratio >= 1.45).length} at least 1.45 times it, ` +
			`${ratios.filter((ratio) => ratio < 1.3).length} below 1.3 times`,
	);
}
