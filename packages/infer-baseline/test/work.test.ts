import { describe, expect, test } from 'vitest';
import { InferenceEngine, RuleClassifier, type StepLedger, type StepVerdict } from '../src/index';
import { MS, ServingLoop, sketchOf } from './serving-loop';

const sketch = (...marks: number[]) => sketchOf(marks);

class Server {
	readonly engine = new InferenceEngine({ classifier: new RuleClassifier() });
	readonly loop = new ServingLoop();
	readonly verdicts: StepVerdict[] = [];

	run(steps: number, ms: number, work: Partial<StepLedger>): StepVerdict {
		let verdict: StepVerdict | undefined;
		for (let i = 0; i < steps; i++) {
			verdict = this.engine.observe(this.loop.step(ms * MS, work));
			if (verdict !== undefined) this.verdicts.push(verdict);
		}
		return verdict as StepVerdict;
	}

	get outliers(): number {
		return this.verdicts.filter(({ bucket }) => bucket !== null).length;
	}

	get notices(): number {
		return this.verdicts.filter(({ shift }) => shift !== undefined).length;
	}
}

const EAGER = { launches: 660, functionSketch: sketch(1, 2, 3, 4, 5, 6, 7, 8) };
const graph = (mark: number) => ({ launches: 1, graphLaunches: 1, functionSketch: sketch(200, mark) });

describe('a step is compared with steps that did as much', () => {
	test('a long prompt is no outlier among short ones, a short one that takes as long is', () => {
		const server = new Server();
		for (let i = 0; i < 60; i++) {
			server.run(5, 20, { ...EAGER, gridBlocks: 20_000 });
			server.run(1, 400, { ...EAGER, gridBlocks: 500_000 });
		}
		expect(server.outliers).toBe(0);
		const slow = server.run(1, 400, { ...EAGER, gridBlocks: 20_000 });
		expect(slow).toMatchObject({ bucket: '3x', expectedNs: 20 * MS, thresholdNs: 20 * MS, ratio: 20 });
	});

	test('work that only its neighbour speaks for is learnt, even if it takes several times as long', () => {
		const server = new Server();
		server.run(60, 20, { ...EAGER, gridBlocks: 20_000 });
		server.run(40, 70, { ...EAGER, gridBlocks: 28_000 });
		expect(server.outliers).toBe(5);
		expect(server.run(1, 210, { ...EAGER, gridBlocks: 28_000 })).toMatchObject({ bucket: '3x', expectedNs: 70 * MS });
	});

	test('replays of different graphs are different work', () => {
		const server = new Server();
		for (let i = 0; i < 40; i++)
			for (const [mark, ms] of [
				[1, 2],
				[2, 5],
			] as const)
				server.run(3, ms, graph(mark));
		expect(server.run(1, 5, graph(2)).bucket).toBeNull();
		expect(server.run(1, 5, graph(1)).bucket).toBe('2x');
	});

	test('a step ahead of whose end an engine seldom enqueues as much is slow beside the others', () => {
		const decode = { launches: 19, graphLaunches: 1, gridBlocks: 800, functionSketch: sketch(1, 2) };
		const server = new Server();
		for (let i = 0; i < 20; i++) {
			server.run(40, 2, { ...decode, launchesAhead: 20 });
			server.run(1, 11, { ...decode, launchesAhead: 180 });
		}
		const slow = server.verdicts.filter(({ bucket }) => bucket !== null);
		// The first few are not compared: nothing is known of such work, or too little of the others.
		expect(slow.length).toBeGreaterThan(12);
		for (const { durationNs, expectedNs } of slow) {
			expect(durationNs).toBe(11 * MS);
			expect((expectedNs as number) / MS).toBeCloseTo(2, 0);
		}
		expect(server.notices).toBe(0);
	});

	test('and is not, where an engine does so all the time', () => {
		const decode = { launches: 19, graphLaunches: 1, gridBlocks: 800, functionSketch: sketch(1, 2) };
		const server = new Server();
		for (let i = 0; i < 200; i++) {
			server.run(4, 2, { ...decode, launchesAhead: 20 });
			server.run(1, 11, { ...decode, launchesAhead: 180 });
		}
		expect(server.outliers).toBe(0);
	});

	test('an engine that schedules ahead spends a step on enqueuing the next one', () => {
		const server = new Server();
		for (let i = 0; i < 60; i++) {
			server.run(3, 2, { ...graph(1), launchesAhead: 2 });
			server.run(1, 14, { ...graph(1), launchesAhead: 660 });
		}
		expect(server.outliers).toBe(0);
		expect(server.run(1, 14, { ...graph(1), launchesAhead: 2 }).bucket).toBe('3x');
	});

	test('the exported baseline stays the 95th percentile of the whole workload', () => {
		const server = new Server();
		for (let i = 0; i < 40; i++) {
			server.run(4, 20, { ...EAGER, gridBlocks: 20_000 });
			server.run(1, 400, { ...EAGER, gridBlocks: 500_000 });
		}
		const verdict = server.run(1, 20, { ...EAGER, gridBlocks: 20_000 });
		expect(verdict).toMatchObject({ thresholdNs: 20 * MS, ratio: 1 });
		expect((verdict.baselineP95Ns as number) / MS).toBeCloseTo(400);
	});
});

describe('work that was never seen', () => {
	test('is judged by its neighbour in size, allowing for time in proportion', () => {
		const server = new Server();
		server.run(60, 20, { ...EAGER, gridBlocks: 16_384 });
		expect(server.run(1, 28, { ...EAGER, gridBlocks: 23_200 })).toMatchObject({ warmed: true, bucket: null });
		expect(server.run(1, 100, { ...EAGER, gridBlocks: 23_200 }).bucket).toBe('3x');
	});

	test('is not judged when nothing like it is known, and then by itself', () => {
		const server = new Server();
		server.run(60, 20, { ...EAGER, gridBlocks: 16_384 });
		const first = server.run(5, 400, { ...EAGER, gridBlocks: 500_000 });
		expect(first).toMatchObject({ warmed: false, ratio: null, thresholdNs: null, bucket: null });
		expect(first.baselineP95Ns).not.toBeNull();
		expect(server.run(1, 1900, { ...EAGER, gridBlocks: 500_000 })).toMatchObject({ warmed: true, bucket: '3x' });
	});
});

describe('changes of work raise no alarm', () => {
	const changes: Record<string, readonly [number, Partial<StepLedger>][]> = {
		'another model of the same size in the same process': [
			[5, { ...EAGER, gridBlocks: 16_384 }],
			[30, { ...EAGER, gridBlocks: 16_384, functionSketch: sketch(91, 92, 93, 94, 95, 96, 97) }],
		],
		'eight times the batch': [
			[5, { ...EAGER, gridBlocks: 16_384 }],
			[40, { ...EAGER, gridBlocks: 131_072 }],
		],
		'twice the batch': [
			[5, { ...EAGER, gridBlocks: 16_384 }],
			[10, { ...EAGER, gridBlocks: 32_768 }],
		],
		'launches one by one instead of graphs': [
			[5, graph(1)],
			[25, { ...EAGER, gridBlocks: 16_384 }],
		],
		'graphs instead of launches one by one': [
			[25, { ...EAGER, gridBlocks: 16_384 }],
			[5, graph(1)],
		],
	};
	test.each(Object.entries(changes))('%s', (_, phases) => {
		const server = new Server();
		for (const [ms, work] of [...phases, ...phases]) server.run(500, ms, work);
		expect([server.outliers, server.notices]).toEqual([0, 0]);
		const [ms, work] = phases[1] as (typeof phases)[number];
		expect(server.run(1, 3 * ms, work).bucket).toBe('3x');
	});
});

test('what is done for the first time under a fault is not taken for usually slow', () => {
	const server = new Server();
	const [known, other] = [graph(1), graph(2)];
	server.run(100, 5, known);
	server.run(20, 15, known);
	server.run(60, 15, other);
	server.run(20, 5, known);
	server.run(40, 5, other);
	expect(server.run(1, 15, other)).toMatchObject({ bucket: '3x', expectedNs: 5 * MS });
});

test('but that is no reason never to know it: a slow level that stays is the level', () => {
	const server = new Server();
	server.run(100, 5, graph(1));
	server.run(20, 15, graph(1));
	server.run(400, 15, graph(2));
	expect(server.run(1, 15, graph(2))).toMatchObject({ bucket: null, expectedNs: 15 * MS });
});
