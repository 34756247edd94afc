import { describe, expect, test } from 'vitest';
import { InferenceEngine, type StepVerdict } from '../src/index';
import { MS, PREFILL, ServingLoop } from './serving-loop';

/** An engine and its thread after `steps` decodes of 5 ms with a pause of `gapNs` in each. */
function warm(steps = 40, gapNs = 0.2 * MS): { engine: InferenceEngine; loop: ServingLoop } {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	for (let i = 0; i < steps; i++) engine.observe(loop.step(5 * MS + gapNs, {}, gapNs));
	return { engine, loop };
}

test('an idle gap is split off: neither folded nor an outlier', () => {
	const { engine, loop } = warm();
	const before = engine.workloads()[0];
	const firstWorkNs = loop.nowNs + 900 * MS;
	const verdict = engine.observe(loop.step(905 * MS, {}, 900 * MS));
	expect(verdict).toMatchObject({ idle: true, startNs: firstWorkNs, durationNs: 5 * MS, bucket: null });
	expect(engine.counters).toMatchObject({ idleResumes: 1, outliers: { '3x': 0 } });
	expect(engine.workloads()[0]).toMatchObject({ samples: before?.samples, p95Ns: before?.p95Ns });
});

test('a step that is slow by its active time alone stays an outlier, judged by that time', () => {
	const { engine, loop } = warm();
	const verdict = engine.observe(loop.step(920 * MS, {}, 900 * MS)) as StepVerdict;
	expect(verdict).toMatchObject({ idle: true, durationNs: 20 * MS, bucket: '3x' });
	expect(verdict.ratio).toBe((20 * MS) / (verdict.baselineP95Ns as number));
	expect(engine.counters).toMatchObject({ idleResumes: 0, outliers: { '3x': 1 } });
});

test('a tainted step keeps its pause: its first work may be what was lost', () => {
	const { engine, loop } = warm();
	const startNs = loop.nowNs;
	expect(engine.observe(loop.step(905 * MS, { lossy: true }, 900 * MS))).toMatchObject({ idle: false, startNs });
});

test('a gap below 50 ms is part of the step', () => {
	const { engine, loop } = warm();
	expect(engine.observe(loop.step(54.9 * MS, {}, 49.9 * MS))).toMatchObject({ idle: false, bucket: '3x' });
	expect(engine.observe(loop.step(55 * MS, {}, 50 * MS))).toMatchObject({ idle: true, bucket: null });
});

test('a loop that always pauses is not idle until ten times its pause', () => {
	const { engine, loop } = warm(40, 100 * MS);
	expect(engine.observe(loop.step(250 * MS, {}, 245 * MS))).toMatchObject({ idle: false, bucket: '2x' });
	expect(engine.observe(loop.step(1005 * MS, {}, 1000 * MS))).toMatchObject({ idle: true, bucket: null });
});

test('a loop that begins to pause is idle for half a window only', () => {
	const { engine, loop } = warm();
	const idle: boolean[] = [];
	for (let i = 0; i < 20; i++) idle.push((engine.observe(loop.step(105 * MS, {}, 100 * MS)) as StepVerdict).idle);
	expect(idle.indexOf(false)).toBe(9);
	expect(idle.lastIndexOf(true)).toBe(8);
});

test('a minute of idleness loses no step', () => {
	const { engine, loop } = warm();
	expect(engine.observe(loop.step(120_005 * MS, {}, 120_000 * MS))).toMatchObject({ durationNs: 5 * MS });
	expect(engine.counters.tooLong).toBe(0);
});

describe('one request a second', () => {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	const verdicts: StepVerdict[] = [];
	for (let request = 0; request < 60; request++) {
		for (let step = 0; step < 20; step++) {
			const gapNs = step === 0 ? 900 * MS : 0.1 * MS;
			const work = step === 0 ? PREFILL : {};
			const verdict = engine.observe(loop.step((step === 0 ? 40 : 5) * MS + gapNs, work, gapNs));
			if (verdict !== undefined) verdicts.push(verdict);
		}
	}

	test('raises no alarm and measures every step by its work', () => {
		expect(verdicts.filter(({ bucket }) => bucket !== null)).toEqual([]);
		expect(Math.max(...verdicts.map(({ durationNs }) => durationNs))).toBeLessThan(41 * MS);
	});

	test('idle steps warm nothing up', () => {
		const prefill = engine.workloads().find(({ phase }) => phase === 'prefill');
		expect(prefill).toMatchObject({ warmed: false, samples: 0 });
		expect(engine.counters.idleResumes).toBe(59);
	});
});
