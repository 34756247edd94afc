import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InferenceEngine, RuleClassifier, type StepLedger, type StepVerdict } from '../src/index';
import { DECODE, MS, PREFILL, ServingLoop } from './serving-loop';

const run = (engine: InferenceEngine, loop: ServingLoop, count: number, durationNs = 5 * MS) => {
	for (let i = 0; i < count; i++) engine.observe(loop.step(durationNs));
};

describe('warm-up', () => {
	test('is 30 steps after the first one', () => {
		const engine = new InferenceEngine();
		const loop = new ServingLoop();
		run(engine, loop, 1 + 29);
		expect(engine.observe(loop.step(50 * MS))).toMatchObject({ warmed: false, bucket: null, baselineP95Ns: null });
		run(engine, loop, 1);
		expect(engine.observe(loop.step(50 * MS))).toMatchObject({ warmed: true, bucket: '3x' });
	});

	test.each([
		[1, 5],
		[5, 5],
		[12, 12],
		[0, 30],
	])('warmupSteps %i means %i', (warmupSteps, steps) => {
		const engine = new InferenceEngine({ warmupSteps });
		const loop = new ServingLoop();
		run(engine, loop, 1 + steps - 1);
		expect(engine.workloads()[0]).toMatchObject({ warmed: false, meanNs: null, p95Ns: null, samples: steps - 1 });
		run(engine, loop, 1);
		expect(engine.workloads()[0]).toMatchObject({ warmed: true, meanNs: 5 * MS, p95Ns: 5 * MS, samples: steps });
	});

	test.each([
		[0, 1],
		[3, 20],
		[28, 29],
	])('two giants of 2 s, at steps %i and %i, do not hide a 50 ms decode at step 40', (...giants) => {
		const engine = new InferenceEngine();
		const loop = new ServingLoop();
		run(engine, loop, 1);
		for (let i = 0; i < 39; i++) engine.observe(loop.step(giants.includes(i) ? 2000 * MS : 5 * MS));
		expect(engine.observe(loop.step(50 * MS))).toMatchObject({ bucket: '3x', ratio: 10 });
		expect(engine.counters.warmupIgnored).toBe(2);
	});

	test('a workload that really is slow warms up', () => {
		const engine = new InferenceEngine();
		const loop = new ServingLoop();
		run(engine, loop, 1 + 5);
		run(engine, loop, 25, 500 * MS);
		expect(engine.workloads()[0]).toMatchObject({ warmed: true, samples: 30 });
		expect(engine.observe(loop.step(500 * MS))?.ratio).toBeCloseTo(1, 3);
	});
});

test('the mean starts at the first sample', () => {
	const engine = new InferenceEngine({ warmupSteps: 5 });
	const loop = new ServingLoop();
	run(engine, loop, 1);
	for (const ms of [10, 20, 10, 10, 10]) engine.observe(loop.step(ms * MS));
	expect(engine.workloads()[0]?.meanNs).toBeCloseTo((10 + 0.5 * 0.95 ** 3) * MS, 3);
});

test('p95 is the 95th percentile of what was folded', () => {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	run(engine, loop, 1);
	// (i * 37) mod 101 for i = 1..100: every value from 1 to 100 once.
	for (let i = 1; i <= 100; i++) engine.observe(loop.step((200 + ((i * 37) % 101)) * MS));
	expect((engine.workloads()[0]?.p95Ns as number) / MS).toBeCloseTo(294.913, 3);
});

test('phases of one stream have baselines of their own: a slow decode is no fast prefill', () => {
	const engine = new InferenceEngine({ classifier: new RuleClassifier() });
	const loop = new ServingLoop();
	const fired: StepVerdict[] = [];
	for (let i = 0; i < 400; i++) {
		const [durationNs, work] = i % 5 === 0 ? [180 * MS, PREFILL] : [5 * MS, DECODE];
		const verdict = engine.observe(loop.step(i === 301 ? 50 * MS : durationNs, work));
		if (verdict?.outlier) fired.push(verdict);
	}
	expect(fired).toHaveLength(1);
	expect(fired[0]).toMatchObject({ phase: 'decode', bucket: '3x', ratio: 10 });
	const p95 = Object.fromEntries(engine.workloads().map(({ phase, p95Ns }) => [phase, p95Ns]));
	expect(p95).toEqual({ prefill: 180 * MS, decode: 5 * MS });
});

test('with the classifier off both phases share one baseline', () => {
	const engine = new InferenceEngine({ classifier: 'off' });
	const loop = new ServingLoop();
	for (let i = 0; i < 100; i++) engine.observe(loop.step(5 * MS, i % 5 === 0 ? PREFILL : DECODE));
	expect(engine.workloads()).toMatchObject([{ phase: '', samples: 99 }]);
	expect(engine.counters.steps).toMatchObject({ '': 100, prefill: 0, decode: 0 });
});

test('kernel sequences have baselines of their own on request', () => {
	const keysOf = (fingerprintKey: boolean) => {
		const engine = new InferenceEngine({ fingerprintKey });
		const loop = new ServingLoop();
		run(engine, loop, 1);
		for (const kernelFingerprint of [1n, 2n ** 64n - 1n, 1n]) engine.observe(loop.step(MS, { kernelFingerprint }));
		return engine.workloads().map((workload) => [workload.kernelFingerprint, workload.samples]);
	};
	expect(keysOf(false)).toEqual([[0n, 3]]);
	expect(keysOf(true)).toEqual([
		[2n ** 64n - 1n, 1],
		[1n, 2],
	]);
});

test('the histogram counts every valid step, outliers and warm-up included', () => {
	const engine = new InferenceEngine({ histogramBoundsNs: [5 * MS, 50 * MS] });
	const loop = new ServingLoop();
	run(engine, loop, 1 + 40);
	run(engine, loop, 3, 49 * MS);
	run(engine, loop, 2, 51 * MS);
	engine.observe(loop.step(5 * MS, { lossy: true }));
	expect(engine.workloads()[0]).toMatchObject({
		samples: 40,
		histogram: { counts: [40, 3, 2], sumNs: (40 * 5 + 3 * 49 + 2 * 51) * MS },
		outliers: { '1.5x': 0, '2x': 0, '3x': 5 },
		sinceNs: 1e9 + 10 * MS,
	});
});

test('tainted and empty steps and first ones change no baseline and no verdict after them', () => {
	type Kind = 'normal' | 'slow' | 'tainted' | 'empty' | 'first';
	type Plan = readonly (readonly [Kind, number])[];
	const kind = fc.constantFrom<Kind>('normal', 'normal', 'normal', 'slow', 'tainted', 'empty', 'first');
	const duration = fc.integer({ min: 4e6, max: 6e6 });
	const plan: fc.Arbitrary<Plan> = fc.array(fc.tuple(kind, duration), { minLength: 60, maxLength: 150 });

	const baselinesOf = (steps: Plan) => {
		const engine = new InferenceEngine();
		const loop = new ServingLoop();
		const judged: unknown[] = [];
		run(engine, loop, 1);
		let otherTid = 10_000;
		for (const [name, durationNs] of steps) {
			const step: StepLedger = {
				normal: () => loop.step(durationNs),
				slow: () => loop.step(20 * durationNs),
				tainted: () => loop.step(7 * durationNs, { lossy: true }),
				empty: () => loop.step(durationNs, { launches: 0 }),
				first: () => loop.step(9 * durationNs, { tid: otherTid++ }),
			}[name]();
			if (name === 'first') engine.observe({ ...step, tid: 4243, launches: 0 });
			const verdict = engine.observe(step);
			if (name === 'normal' || name === 'slow') judged.push(verdict?.bucket, verdict?.ratio);
		}
		return { judged, baselines: engine.workloads().map(({ meanNs, p95Ns, samples }) => [meanNs, p95Ns, samples]) };
	};

	fc.assert(
		fc.property(plan, (steps) => {
			const clean = steps.filter(([name]) => name === 'normal' || name === 'slow');
			expect(baselinesOf(steps)).toEqual(baselinesOf(clean));
		}),
	);
});
