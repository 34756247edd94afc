import { describe, expect, test } from 'vitest';
import { InferenceEngine, RuleClassifier, type StepLedger } from '../src/index';
import { ledger, MS, ServingLoop } from './serving-loop';

const S = 1e9;

/** An engine whose one thread completed a step at 1 s. */
function started(): InferenceEngine {
	const engine = new InferenceEngine({ classifier: new RuleClassifier() });
	engine.observe(ledger({ firstWorkNs: S - 5 * MS, completedNs: S }));
	return engine;
}

test('the first step of a thread starts at its first work, and is not judged', () => {
	const verdict = new InferenceEngine().observe(ledger({ firstWorkNs: 3 * S, completedNs: 3 * S + 5 * MS }));
	expect(verdict).toMatchObject({ first: true, startNs: 3 * S, durationNs: 5 * MS, ratio: null, warmed: false });
});

test('a step runs from the previous completion of its thread to its own', () => {
	const verdict = started().observe(ledger({ firstWorkNs: S + 2 * MS, completedNs: S + 7 * MS }));
	expect(verdict).toMatchObject({ first: false, startNs: S, endNs: S + 7 * MS, durationNs: 7 * MS });
});

test('work enqueued before the previous completion is normal', () => {
	const verdict = started().observe(ledger({ firstWorkNs: S - 4 * MS, completedNs: S + 5 * MS }));
	expect(verdict).toMatchObject({ startNs: S, durationNs: 5 * MS, idle: false });
});

test('the verdict carries the work of the ledger, and no reference to it', () => {
	const work = {
		tid: 4243,
		launches: 7,
		graphLaunches: 2,
		gridBlocks: 4096,
		memcpyBytes: 512,
		ncclCalls: 3,
		memfragEvents: 1,
		kernelFingerprint: 0xaf73bd4c861ce7dfn,
		streamHandle: 2n ** 64n - 1n,
		cgroupPathHash: '0123456789abcdef',
	};
	const reused: { -readonly [K in keyof StepLedger]: StepLedger[K] } = ledger({ ...work, completedNs: S + 5 * MS });
	const verdict = started().observe(reused);
	reused.launches = 0;
	expect(verdict).toMatchObject(work);
});

describe('what is no step', () => {
	const next = { firstWorkNs: S + 11 * MS, completedNs: S + 15 * MS };

	test('an empty ledger moves the anchor', () => {
		const engine = started();
		expect(engine.observe(ledger({ launches: 0, completedNs: S + 10 * MS }))).toBeUndefined();
		expect(engine.observe(ledger(next))).toMatchObject({ startNs: S + 10 * MS });
		expect(engine.counters).toMatchObject({ ledgers: 3, empty: 1 });
	});

	test.each<Partial<StepLedger>>([
		{ launches: 1 },
		{ graphLaunches: 1 },
		{ memcpyBytes: 1 },
		{ ncclCalls: 1 },
		{ memfragEvents: 1 },
	])('any work makes a step: %j', (work) => {
		expect(started().observe(ledger({ launches: 0, ...work, completedNs: S + 5 * MS }))).toBeDefined();
	});

	test('a thread that starts with an empty ledger is anchored by it', () => {
		const engine = new InferenceEngine();
		expect(engine.observe(ledger({ launches: 0, completedNs: S }))).toBeUndefined();
		expect(engine.observe(ledger({ completedNs: S + 5 * MS }))).toMatchObject({ first: false, startNs: S });
	});

	test('a completion before the anchor is dropped and never moves it back', () => {
		const engine = started();
		expect(engine.observe(ledger({ completedNs: S - 1 }))).toBeUndefined();
		expect(engine.observe(ledger(next))).toMatchObject({ startNs: S });
		expect(engine.counters).toMatchObject({ backwards: 1 });
	});

	test('a completion at the anchor has no duration', () => {
		const engine = started();
		expect(engine.observe(ledger({ completedNs: S }))).toBeUndefined();
		expect(engine.counters).toMatchObject({ nonPositive: 1 });
	});

	test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('completion %d', (completedNs) => {
		const engine = started();
		expect(engine.observe(ledger({ completedNs }))).toBeUndefined();
		expect(engine.observe(ledger(next))).toMatchObject({ startNs: S });
		expect(engine.counters).toMatchObject({ invalid: 1 });
	});

	test('more than 60 s is discarded and moves the anchor; exactly 60 s is kept', () => {
		const engine = started();
		expect(engine.observe(ledger({ firstWorkNs: S, completedNs: 61 * S }))).toMatchObject({ durationNs: 60 * S });
		expect(engine.observe(ledger({ firstWorkNs: S, completedNs: 121 * S + 1 }))).toBeUndefined();
		expect(engine.observe(ledger({ completedNs: 122 * S }))).toMatchObject({ startNs: 121 * S + 1 });
		expect(engine.counters).toMatchObject({ tooLong: 1 });
	});
});

test('every ledger is counted exactly once', () => {
	const engine = started();
	const loop = new ServingLoop();
	for (let i = 0; i < 50; i++) engine.observe(loop.step(5 * MS, { launches: i % 3 === 0 ? 0 : i * 5 }));
	engine.observe(ledger({ completedNs: 0 }));
	engine.observe(ledger({ completedNs: Number.NaN }));
	engine.observe(loop.step(61 * S));
	const { ledgers, steps, invalid, backwards, empty, nonPositive, tooLong } = engine.counters;
	const reported = Object.values(steps).reduce((sum, count) => sum + count);
	expect(ledgers).toBe(54);
	expect(reported + invalid + backwards + empty + nonPositive + tooLong).toBe(ledgers);
	expect(steps).toMatchObject({ '': 0, decode: 8, mixed: 19, prefill: 7 });
});

test('forgetProcess: a reused pid starts cold, others stay', () => {
	const engine = new InferenceEngine();
	const loops = [1, 2].map((pid) => new ServingLoop({ pid }));
	for (let i = 0; i < 40; i++) for (const loop of loops) engine.observe(loop.step(5 * MS));
	engine.setSeverity(1, 'HIGH', 1.2 * S);
	engine.forgetProcess(1);

	expect(engine.workloads().map(({ pid }) => pid)).toEqual([2]);
	const [reused, other] = loops.map((loop) => engine.observe(loop.step(5 * MS)));
	expect(reused).toMatchObject({ first: true, warmed: false });
	expect(other).toMatchObject({ first: false, warmed: true });
	engine.observe((loops[0] as ServingLoop).step(5 * MS));
	expect(engine.counters.paused).toBe(0);
});

test('forgetProcess reaches a classifier that learns', () => {
	const forgotten: number[] = [];
	const engine = new InferenceEngine({
		classifier: { classify: () => 'mixed', forgetProcess: (pid) => forgotten.push(pid) },
	});
	engine.forgetProcess(7);
	expect(forgotten).toEqual([7]);
});
