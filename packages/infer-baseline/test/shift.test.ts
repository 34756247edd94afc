import { describe, expect, test } from 'vitest';
import { InferenceEngine, type StepVerdict } from '../src/index';
import { gaussian, uniform } from './random';
import { MS, ServingLoop } from './serving-loop';

const random = uniform(11);
/** Durations of a level with 5 % of spread. */
const level = (ms: number, steps: number) =>
	Array.from({ length: steps }, () => ms * MS * Math.exp(0.05 * gaussian(random)));

function observe(
	durations: readonly number[],
	engine = new InferenceEngine(),
	loop = new ServingLoop(),
): StepVerdict[] {
	return durations.flatMap((duration) => engine.observe(loop.step(duration)) ?? []);
}
const flagged = (verdicts: readonly StepVerdict[]) => verdicts.filter(({ bucket }) => bucket !== null).length;
const shiftsOf = (verdicts: readonly StepVerdict[]) => verdicts.flatMap(({ shift }) => shift ?? []);

test('a level that rises 3.5 times for good: outliers, one notice, then quiet at the new level', () => {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	observe(level(5, 500), engine, loop);
	const after = observe(level(17.5, 19_500), engine, loop);
	const notices = shiftsOf(after);
	expect(notices).toMatchObject([{ reason: 'shift', samples: 30 }]);
	expect((notices[0]?.fromP95Ns as number) / MS).toBeCloseTo(5.4, 0);
	expect((notices[0]?.toP95Ns as number) / MS).toBeCloseTo(19, -1);
	const noticedAt = after.findIndex(({ shift }) => shift !== undefined);
	expect(flagged(after.slice(0, noticedAt))).toBe(1024);
	expect(flagged(after.slice(noticedAt))).toBe(0);
	expect(engine.workloads()).toMatchObject([{ warmed: true, outliers: { '3x': expect.any(Number) } }]);
	expect((engine.workloads()[0]?.p95Ns as number) / MS).toBeCloseTo(19, -1);
	expect(observe([60 * MS], engine, loop)).toMatchObject([{ bucket: '3x' }]);
	expect(engine.counters).toMatchObject({ shifts: 1, drifts: 0 });
});

test('a level that falls is followed without a word, and what is slow for the new one is found', () => {
	const verdicts = observe([...level(50, 500), ...level(12, 200)]);
	expect([flagged(verdicts), shiftsOf(verdicts)]).toEqual([0, []]);
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	observe([...level(50, 500), ...level(12, 200)], engine, loop);
	expect(observe([45 * MS], engine, loop)).toMatchObject([{ bucket: '3x' }]);
});

describe('drift', () => {
	test.each([20_000, 200_000])('to five times over %i steps is noticed, with no false step', (steps) => {
		const durations = level(5, steps + 1000).map((ns, i) => ns * (1 + (4 * Math.max(0, i - 1000)) / steps));
		const verdicts = observe(durations);
		const notices = shiftsOf(verdicts);
		expect(flagged(verdicts)).toBe(0);
		expect(notices.length).toBeGreaterThanOrEqual(2);
		expect(notices.length).toBeLessThanOrEqual(4);
		for (const { reason, fromP95Ns, toP95Ns } of notices) {
			expect(reason).toBe('drift');
			expect(toP95Ns / fromP95Ns).toBeGreaterThanOrEqual(1.5);
		}
	});

	test('is no news where the level stays', () => {
		expect(shiftsOf(observe(level(5, 50_000)))).toEqual([]);
	});
});

test('faults of a hundred steps are outliers to the last step, and never become normal', () => {
	const durations = Array.from({ length: 50 }, () => [...level(5, 900), ...level(17.5, 100)]).flat();
	const verdicts = observe(durations);
	expect(shiftsOf(verdicts)).toEqual([]);
	expect(flagged(verdicts)).toBe(5000);
});

test('a slow tenth of all steps is an outlier for a while, then part of what is usual', () => {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	const usual = level(5, 30_000).map((ns, i) => (i % 10 === 7 && i > 100 ? 6 * ns : ns));
	const verdicts = observe(usual, engine, loop);
	expect(flagged(verdicts.slice(0, 2000))).toBeGreaterThan(80);
	expect(flagged(verdicts.slice(2000))).toBe(0);
	expect(observe([200 * MS], engine, loop)).toMatchObject([{ bucket: '3x' }]);
});

test('nothing is adopted while the process is known to be in trouble', () => {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	observe(level(5, 100), engine, loop);
	for (let i = 0; i < 3000; i++) {
		engine.setSeverity(4242, 'HIGH', loop.nowNs);
		engine.observe(loop.step(17.5 * MS));
	}
	expect(engine.counters).toMatchObject({ shifts: 0, outliers: { '3x': 3000 } });
});
