import { describe, expect, test } from 'vitest';
import { InferenceEngine, type StepVerdict } from '../src/index';
import { DECODE, MS, PREFILL, ServingLoop } from './serving-loop';

/** An engine and its thread after `steps` decodes of 5 ms with a pause of `gapNs` in each. */
function warm(steps = 40, gapNs = 0.2 * MS): { engine: InferenceEngine; loop: ServingLoop } {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	for (let i = 0; i < steps; i++) engine.observe(loop.step(5 * MS + gapNs, {}, gapNs));
	return { engine, loop };
}

/** `requests` of one prefill and `decodes`, each after `idleNs` without a request. */
function serve(requests: number, idleNs: number, decodes = 19, fields: (step: number) => object = () => ({})) {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	const verdicts: StepVerdict[] = [];
	for (let request = 0; request < requests; request++) {
		for (let step = 0; step <= decodes; step++) {
			const gapNs = step === 0 ? idleNs : 0.1 * MS;
			const work = step === 0 ? PREFILL : DECODE;
			const ledger = loop.step((step === 0 ? 40 : 5) * MS + gapNs, { ...work, ...fields(step) }, gapNs);
			const verdict = engine.observe(ledger);
			if (verdict !== undefined) verdicts.push(verdict);
		}
	}
	return { engine, loop, verdicts };
}

test('an idle gap is split off: the step is its active time, which counts as any other', () => {
	const { engine, loop } = warm();
	const firstWorkNs = loop.nowNs + 900 * MS;
	const verdict = engine.observe(loop.step(905 * MS, {}, 900 * MS));
	expect(verdict).toMatchObject({ idle: true, startNs: firstWorkNs, durationNs: 5 * MS, bucket: null });
	expect(engine.counters).toMatchObject({ idleResumes: 1, outliers: { '3x': 0 } });
	expect(engine.workloads()[0]).toMatchObject({ samples: 40 });
});

test('a step that is slow by its active time alone stays an outlier, judged by that time', () => {
	const { engine, loop } = warm();
	const verdict = engine.observe(loop.step(920 * MS, {}, 900 * MS)) as StepVerdict;
	expect(verdict).toMatchObject({ idle: true, durationNs: 20 * MS, bucket: '3x' });
	expect(verdict.ratio).toBe((20 * MS) / (verdict.thresholdNs as number));
	expect(engine.counters).toMatchObject({ idleResumes: 0, outliers: { '3x': 1 } });
});

test('a tainted step keeps its pause: its first work may be what was lost', () => {
	const { engine, loop } = warm();
	const startNs = loop.nowNs;
	expect(engine.observe(loop.step(905 * MS, { lossy: true }, 900 * MS))).toMatchObject({ idle: false, startNs });
});

describe('a pause before other work', () => {
	test('is part of the step below 50 ms', () => {
		const { engine, loop } = warm();
		expect(engine.observe(loop.step(89.9 * MS, PREFILL, 49.9 * MS))).toMatchObject({ idle: false });
		expect(engine.observe(loop.step(89.9 * MS, DECODE, 49.9 * MS))).toMatchObject({ idle: false, bucket: '3x' });
	});

	test('is idleness from 50 ms on', () => {
		const { engine, loop } = warm();
		expect(engine.observe(loop.step(90 * MS, PREFILL, 50 * MS))).toMatchObject({ idle: true, durationNs: 40 * MS });
	});
});

describe('a pause in the middle of a run is the host that was late', () => {
	test('below 250 ms', () => {
		const { engine, loop } = warm();
		expect(engine.observe(loop.step(254 * MS, {}, 249 * MS))).toMatchObject({ idle: false, bucket: '3x' });
		expect(engine.observe(loop.step(255 * MS, {}, 250 * MS))).toMatchObject({ idle: true, bucket: null });
	});

	test('at any length before the first decode after a prefill', () => {
		const { engine, loop } = serve(3, 900 * MS);
		engine.observe(loop.step(940 * MS, PREFILL, 900 * MS));
		expect(engine.observe(loop.step(245 * MS, DECODE, 240 * MS))).toMatchObject({ idle: false, bucket: '3x' });
	});

	test('at any length, once the thread has shown that its runs begin with other work', () => {
		const { engine, loop } = serve(8, 900 * MS);
		expect(engine.observe(loop.step(2005 * MS, DECODE, 2000 * MS))).toMatchObject({ idle: false, bucket: '3x' });
	});

	test('but a thread that does so again and again has found a new habit', () => {
		const { engine, loop } = serve(8, 900 * MS);
		const idle = Array.from({ length: 20 }, () => {
			for (let i = 0; i < 10; i++) engine.observe(loop.step(5.1 * MS, DECODE, 0.1 * MS));
			return (engine.observe(loop.step(905 * MS, DECODE, 900 * MS)) as StepVerdict).idle;
		});
		expect(idle.indexOf(true)).toBeLessThan(5);
		expect(idle.lastIndexOf(false)).toBeLessThan(5);
	});
});

test('a loop that always pauses is not idle until ten times its pause', () => {
	const { engine, loop } = warm(40, 100 * MS);
	expect(engine.observe(loop.step(250 * MS, {}, 245 * MS))).toMatchObject({ idle: false, bucket: '2x' });
	expect(engine.observe(loop.step(1005 * MS, {}, 1000 * MS))).toMatchObject({ idle: true, bucket: null });
});

test('a loop that begins to pause is late twice, then idle until pausing is its usual', () => {
	const { engine, loop } = warm();
	const idle: boolean[] = [];
	for (let i = 0; i < 20; i++) idle.push((engine.observe(loop.step(105 * MS, {}, 100 * MS)) as StepVerdict).idle);
	expect(idle.indexOf(true)).toBe(2);
	expect(idle.lastIndexOf(true)).toBe(8);
});

test('a minute of idleness loses no step', () => {
	const { engine, loop } = warm();
	expect(engine.observe(loop.step(120_005 * MS, {}, 120_000 * MS))).toMatchObject({ durationNs: 5 * MS });
	expect(engine.counters.tooLong).toBe(0);
});

describe.each([900, 60])('one request after %i ms without any', (idleMs) => {
	const { engine, verdicts } = serve(60, idleMs * MS);

	test('raises no alarm and measures every step by its work', () => {
		expect(verdicts.filter(({ bucket }) => bucket !== null)).toEqual([]);
		expect(Math.max(...verdicts.map(({ durationNs }) => durationNs))).toBeLessThan(41 * MS);
	});

	test('warms its prefills up, though every one follows a pause', () => {
		const prefill = engine.workloads().find(({ phase }) => phase === 'prefill');
		expect(prefill).toMatchObject({ warmed: true, p95Ns: 40 * MS });
		expect(engine.counters.idleResumes).toBe(59);
	});
});

test('bursts of decodes alone raise no alarm either', () => {
	const engine = new InferenceEngine();
	const loop = new ServingLoop();
	for (let burst = 0; burst < 20; burst++) {
		for (let step = 0; step < 20; step++) {
			const gapNs = step === 0 ? 900 * MS : 0.1 * MS;
			engine.observe(loop.step(5 * MS + gapNs, DECODE, gapNs));
		}
	}
	expect(engine.counters.outliers).toEqual({ '1.5x': 0, '2x': 0, '3x': 0 });
});
