import { describe, expect, test } from 'vitest';
import { InferenceEngine } from '../src/index';
import { uniform } from './random';
import { ledger, MS, ServingLoop } from './serving-loop';

/** Alternates streams of many processes, each with one thread, and returns the keys in order of last update. */
function offer(engine: InferenceEngine, workloads: number, steps: number, seed: number): string[] {
	const random = uniform(seed);
	const lastUpdate = new Map<string, true>();
	for (let i = 0; i < steps; i++) {
		const workload = i < workloads ? i : Math.floor(random() * workloads);
		const pid = 1 + (workload >> 2);
		const streamHandle = BigInt(workload & 3) << 40n;
		// The anchor first, so that every step counts for its workload.
		engine.observe(ledger({ pid, tid: pid, completedNs: i * 10 * MS, launches: 0 }));
		engine.observe(ledger({ pid, tid: pid, streamHandle, completedNs: (i * 10 + 5) * MS }));
		const key = `${pid}/${streamHandle}`;
		lastUpdate.delete(key);
		lastUpdate.set(key, true);
	}
	return [...lastUpdate.keys()];
}

test('of 10,000 workloads the 1,024 that were updated last are kept, in that order', () => {
	const engine = new InferenceEngine();
	const byLastUpdate = offer(engine, 10_000, 30_000, 1);
	const kept = engine.workloads().map(({ pid, streamHandle }) => `${pid}/${streamHandle}`);
	expect(kept).toEqual(byLastUpdate.slice(-1024));
	expect(engine.counters.workloadEvictions).toBeGreaterThan(9_000);
	expect(engine.counters.threadEvictions).toBeGreaterThan(0);
});

describe('with room for two', () => {
	const options = { maxWorkloads: 2, warmupSteps: 5 };
	const loopOf = (pid: number) => new ServingLoop({ pid, tid: pid, streamHandle: BigInt(pid) });
	const run = (engine: InferenceEngine, loop: ServingLoop, steps: number, ms: number) =>
		Array.from({ length: steps }, () => engine.observe(loop.step(ms * MS)));

	test('a snapshot refreshes nothing', () => {
		const engine = new InferenceEngine(options);
		for (const pid of [1, 2]) run(engine, loopOf(pid), 2, 5);
		expect(engine.workloads().map(({ pid }) => pid)).toEqual([1, 2]);
		run(engine, loopOf(3), 2, 5);
		expect(engine.workloads().map(({ pid }) => pid)).toEqual([2, 3]);
	});

	test('what was evicted comes back as cold as in a new engine', () => {
		const engine = new InferenceEngine(options);
		for (const pid of [1, 2, 3]) {
			const loop = loopOf(pid);
			run(engine, loop, 40, 200);
			run(engine, loop, 3, 900);
		}
		const [returning, fresh] = [engine, new InferenceEngine(options)].map((each) => {
			const loop = loopOf(1);
			const verdicts = [each.observe(loop.step(5 * MS)), each.observe(loop.step(105 * MS, {}, 100 * MS))];
			verdicts.push(...run(each, loop, 10, 5), ...run(each, loop, 1, 50));
			return { verdicts, workload: each.workloads().at(-1) };
		});
		expect(returning).toEqual(fresh);
		expect(fresh?.workload).toMatchObject({ warmed: true, outliers: { '3x': 1 } });
		expect(engine.counters).toMatchObject({ workloadEvictions: 2, threadEvictions: 2 });
	});

	test('the thread seen last but one goes before the one seen last', () => {
		const engine = new InferenceEngine(options);
		const [a, b, c] = [loopOf(1), loopOf(2), loopOf(3)] as const;
		for (const loop of [a, b, a, c]) run(engine, loop, 1, 5);
		expect(run(engine, a, 1, 5)).toMatchObject([{ first: false }]);
		expect(run(engine, b, 1, 5)).toMatchObject([{ first: true }]);
	});
});

test('workloads whose hashes collide stay apart', () => {
	// Among 120,000 keys and 2^32 hashes at least one pair collides, for five draws in six and for this one.
	const engine = new InferenceEngine({ maxWorkloads: 120_000, histogramBoundsNs: [1] });
	for (let i = 0; i < 120_000; i++) {
		const names = { pid: i % 7, tid: 1, streamHandle: BigInt(i), cgroupPathHash: `${i % 11}` };
		engine.observe(ledger({ ...names, completedNs: 2 * i * MS, launches: 0 }));
		engine.observe(ledger({ ...names, completedNs: (2 * i + 1) * MS }));
	}
	const workloads = engine.workloads();
	expect(workloads).toHaveLength(120_000);
	expect(workloads.every(({ samples }) => samples === 1)).toBe(true);
});

test.each([1024, 10_000])(
	'%i workloads, with their threads and kinds of work, cost below 2 KB each',
	(maxWorkloads) => {
		const before = process.memoryUsage().arrayBuffers;
		const engine = new InferenceEngine({ maxWorkloads, classifier: 'off' });
		const bytes = process.memoryUsage().arrayBuffers - before;
		expect(bytes / maxWorkloads).toBeGreaterThan(1000);
		expect(bytes / maxWorkloads).toBeLessThan(2048);
		expect(engine.workloads()).toEqual([]);
	},
);

test('an engine of few workloads has room for dozens of kinds of work, and then forgets the oldest', () => {
	const engine = new InferenceEngine({ maxWorkloads: 1, classifier: 'off' });
	const loop = new ServingLoop();
	const round = (sizes: number) => {
		for (let size = 0; size < sizes; size++) engine.observe(loop.step(5 * MS, { gridBlocks: 2 ** size, launches: 9 }));
	};
	for (let i = 0; i < 10; i++) round(40);
	expect(engine.counters.workEvictions).toBe(0);
	for (let i = 0; i < 10; i++)
		for (let launches = 1; launches < 2 ** 20; launches *= 4) {
			for (let blocks = 1; blocks < 2 ** 20; blocks *= 4)
				engine.observe(loop.step(5 * MS, { gridBlocks: blocks, launches }));
		}
	expect(engine.counters.workEvictions).toBeGreaterThan(0);
	expect(engine.counters.outliers).toEqual({ '1.5x': 0, '2x': 0, '3x': 0 });
});
