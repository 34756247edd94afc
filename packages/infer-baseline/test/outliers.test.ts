import { describe, expect, test, vi } from 'vitest';
import {
	deterministicEventId,
	type EngineOptions,
	InferenceEngine,
	type KvCacheContext,
	RuleClassifier,
	type StepVerdict,
} from '../src/index';
import { DECODE, MS, PREFILL, ServingLoop } from './serving-loop';

const S = 1e9;

function warm(options: EngineOptions = {}): { engine: InferenceEngine; loop: ServingLoop } {
	const engine = new InferenceEngine(options);
	const loop = new ServingLoop();
	for (let i = 0; i < 31; i++) engine.observe(loop.step(10 * MS));
	return { engine, loop };
}

describe('buckets', () => {
	test.each([
		[14.99, null],
		[15, '1.5x'],
		[19.99, '1.5x'],
		[20, '2x'],
		[29.99, '2x'],
		[30, '3x'],
	])('%d ms against a p95 of 10 ms: %s', (ms, bucket) => {
		const { engine, loop } = warm();
		const verdict = engine.observe(loop.step(ms * MS));
		expect(verdict).toMatchObject({ bucket, baselineP95Ns: 10 * MS, baselineMeanNs: 10 * MS });
		expect(verdict?.outlier === undefined).toBe(bucket === null);
	});

	test('an outlier leaves the baseline alone, whatever its bucket', () => {
		for (const [outlierRatio, ms] of [
			[3, 15],
			[3, 40],
			[1.2, 12.1],
		] as const) {
			const { engine, loop } = warm({ outlierRatio });
			engine.observe(loop.step(ms * MS));
			expect(engine.workloads()).toMatchObject([{ samples: 30, meanNs: 10 * MS, p95Ns: 10 * MS }]);
		}
	});

	test('are counted by workload and in all', () => {
		const { engine, loop } = warm();
		for (const ms of [16, 17, 25, 100, 10]) engine.observe(loop.step(ms * MS));
		expect(engine.counters.outliers).toEqual({ '1.5x': 2, '2x': 1, '3x': 1 });
		expect(engine.workloads()[0]?.outliers).toEqual({ '1.5x': 2, '2x': 1, '3x': 1 });
	});
});

test('the published regression workload: decodes fire by the injected delay, prefills never', () => {
	for (const [pauseMs, bucket] of [
		[100, '2x'],
		[50, '3x'],
	] as const) {
		const engine = new InferenceEngine();
		const loop = new ServingLoop();
		const fired: StepVerdict[] = [];
		for (let i = 0; i < 400; i++) {
			const durationNs = (i >= 300 && i % 10 === 3 ? pauseMs + 150 : pauseMs) * MS;
			const verdict = engine.observe(loop.step(durationNs, i % 5 === 0 ? PREFILL : DECODE, pauseMs * MS));
			if (verdict?.outlier) fired.push(verdict);
		}
		expect(fired.map((verdict) => [verdict.phase, verdict.bucket])).toEqual(new Array(10).fill(['decode', bucket]));
	}
});

describe('event ids', () => {
	test('are those of the pid, the stream and the end of the step', () => {
		const { engine, loop } = warm();
		const verdict = engine.observe(loop.step(50 * MS)) as StepVerdict;
		expect(verdict.outlier?.eventId).toBe(
			deterministicEventId(verdict.pid, verdict.streamHandle, BigInt(verdict.endNs)),
		);
	});

	test('come from newEventId, asked for outliers only', () => {
		const newEventId = vi.fn((step: StepVerdict) => `event-${step.endNs}`);
		const { engine, loop } = warm({ newEventId });
		expect(newEventId).not.toHaveBeenCalled();
		expect(engine.observe(loop.step(50 * MS))?.outlier?.eventId).toBe(`event-${loop.nowNs}`);
	});
});

describe('context', () => {
	const kvCache: KvCacheContext = {
		agesMs: [5000, 20],
		granularity: 'segments',
		coverage: 'unknown',
		liveAllocations: 2,
		liveBytes: 40 * 2 ** 20,
		quietMs: 20,
		turnover: { allocations: 2, frees: 0, allocatedBytes: 40 * 2 ** 20, freedBytes: 0 },
	};
	const context = {
		throttleReasons: vi.fn(() => 0x40n),
		minSmClockMhz: vi.fn((): number | undefined => undefined),
		kvCache: vi.fn(() => kvCache),
	};

	test('is read for an outlier only, about that step', () => {
		const { engine, loop } = warm({ classifier: new RuleClassifier(), context });
		expect(context.throttleReasons).not.toHaveBeenCalled();
		const verdict = engine.observe(loop.step(50 * MS));
		expect(context.throttleReasons).toHaveBeenCalledWith(verdict);
		expect(verdict?.outlier).toEqual({
			eventId: expect.any(String),
			throttleReasons: 0x40n,
			kvCache,
		});
	});

	test('has the memory of the cache for decodes only, or when phases are off', () => {
		const memoryOf = (options: EngineOptions) => {
			const engine = new InferenceEngine({ classifier: new RuleClassifier(), ...options, context });
			const loop = new ServingLoop(PREFILL);
			for (let i = 0; i < 31; i++) engine.observe(loop.step(10 * MS));
			return engine.observe(loop.step(50 * MS))?.outlier?.kvCache;
		};
		expect(memoryOf({})).toBeUndefined();
		expect(memoryOf({ classifier: 'off' })).toEqual(kvCache);
	});

	test('a reader that throws costs its field only', () => {
		const { engine, loop } = warm({
			context: {
				throttleReasons: () => {
					throw new Error('NVML is gone');
				},
				minSmClockMhz: () => 1980,
			},
		});
		expect(engine.observe(loop.step(50 * MS))?.outlier).toEqual({ eventId: expect.any(String), minSmClockMhz: 1980 });
		expect(engine.counters.contextErrors).toBe(1);
	});
});

describe('severity', () => {
	const samples = (engine: InferenceEngine) => engine.workloads()[0]?.samples;

	test('HIGH freezes the baseline for 30 s; outliers are still reported', () => {
		const { engine, loop } = warm();
		engine.setSeverity(4242, 'HIGH', loop.nowNs);
		engine.setSeverity(1, 'LOW', loop.nowNs + S);
		const endNs = loop.nowNs + 30 * S;
		expect(engine.observe(loop.step(50 * MS))?.bucket).toBe('3x');
		engine.observe(loop.step(11 * MS));
		engine.observe(loop.step(endNs - 10 * MS - 1 - loop.nowNs, { launches: 0 }));
		engine.observe(loop.step(10 * MS));
		expect(loop.nowNs).toBe(endNs - 1);
		expect(samples(engine)).toBe(30);
		expect(engine.counters.paused).toBe(2);

		engine.observe(loop.step(1, { launches: 0 }));
		engine.observe(loop.step(11 * MS));
		expect(samples(engine)).toBe(31);
	});

	test('a step that completes exactly 30 s after the report counts again', () => {
		const { engine, loop } = warm();
		engine.setSeverity(4242, 'HIGH', loop.nowNs + 10 * MS - 30 * S);
		engine.observe(loop.step(10 * MS));
		expect(samples(engine)).toBe(31);
	});

	test('freezes a workload that is warming up', () => {
		const engine = new InferenceEngine();
		const loop = new ServingLoop();
		engine.setSeverity(4242, 'HIGH', loop.nowNs);
		for (let i = 0; i < 50; i++) engine.observe(loop.step(10 * MS));
		expect(engine.workloads()[0]).toMatchObject({ warmed: false, samples: 0 });
	});

	test.each([
		['HIGH', 'HIGH', true],
		['HIGH', 'MEDIUM', false],
		['MEDIUM', 'HIGH', true],
		['LOW', 'LOW', true],
		['off', 'HIGH', false],
	] as const)('pauseOnSeverity %s, report %s: paused %s', (pauseOnSeverity, severity, paused) => {
		const { engine, loop } = warm({ pauseOnSeverity });
		engine.setSeverity(4242, severity, loop.nowNs);
		engine.observe(loop.step(10 * MS));
		expect(samples(engine)).toBe(paused ? 30 : 31);
	});

	test('the last report holds; none, and those of other processes, do not', () => {
		const { engine, loop } = warm();
		engine.setSeverity(4242, 'HIGH', loop.nowNs);
		engine.setSeverity(4242, 'LOW', loop.nowNs);
		engine.observe(loop.step(10 * MS));
		engine.setSeverity(4242, 'HIGH', loop.nowNs);
		engine.setSeverity(4242, undefined, loop.nowNs);
		engine.observe(loop.step(10 * MS));
		engine.setSeverity(1, 'HIGH', loop.nowNs);
		engine.observe(loop.step(10 * MS));
		expect(samples(engine)).toBe(33);
	});
});
