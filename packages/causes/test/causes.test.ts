import { describe, expect, test } from 'vitest';
import { Player } from './steps';

const MS = 1e6;
const GRAPHS = { launches: 4, graphLaunches: 1, gridBlocks: 64 };

describe('what a slow step is put down to', () => {
	test.for([
		['cpu_contention', 'a thread that was ready and had no CPU', { evidence: { runQueueNs: 12 * MS } }],
		['cpu_contention', 'a spinning wait that lost its CPU', { evidence: { waitNs: 13 * MS, waitRunQueueNs: 8 * MS } }],
		[
			'cpu_contention',
			'another thread of the step that had no CPU, while this one slept',
			{ evidence: { blockedNs: 9 * MS, siblingRunQueueNs: 9 * MS } },
		],
		['lock_wait', 'sleeping while another thread of the process ran', { evidence: { lockNs: 50 * MS } }],
		[
			'lock_wait',
			'a holder of the lock that has the CPU as well',
			{ evidence: { lockNs: 5 * MS, runQueueNs: 8 * MS, behindSiblingNs: 8 * MS } },
		],
		['gpu_contention', 'waiting longer for the same work', { evidence: { waitNs: 11 * MS } }],
		[
			'gpu_contention',
			'spinning in the driver while another process launches',
			{ evidence: { runningNs: 7 * MS, foreignLaunches: 24 } },
		],
		['memory_pressure', 'allocating', { allocs: 20, evidence: { allocNs: 9 * MS } }],
		[
			'memory_pressure',
			'freeing, which waits for the GPU inside the driver',
			{ frees: 9, evidence: { runningNs: 9 * MS } },
		],
		['copy_interference', 'copies of other threads', { evidence: { waitNs: 9 * MS, otherCopiedBytes: 512 * 2 ** 20 } }],
		[
			'graph_fallback',
			'kernels one by one where its like replay a graph',
			{ launches: 400, graphLaunches: 0, gridBlocks: 20_000, evidence: { runningNs: 15 * MS } },
		],
		['throttled', 'low clocks', { throttleReasons: 8n, evidence: { waitNs: 9 * MS } }],
		['host_io', 'uninterruptible sleep', { evidence: { ioNs: 30 * MS } }],
		['host_delay', 'sleeping while nothing of the process ran', { evidence: { blockedNs: 60 * MS } }],
		['host_delay', 'computing on the CPU', { evidence: { runningNs: 20 * MS } }],
		['more_work', 'three times the blocks', { gridBlocks: 192, evidence: { waitNs: 14 * MS } }],
		['more_work', 'three times the launches', { launches: 12, evidence: { runningNs: 3 * MS, waitNs: 4 * MS } }],
	] as const)('%s: %s', ([name, , facts]) => {
		const explanation = new Player().ordinary(30, GRAPHS).slow({ ...GRAPHS, ...facts });
		expect(explanation?.cause.name).toBe(name);
		expect(explanation?.cause.share).toBeGreaterThan(0.5);
	});

	test('copies go on after the step in which they were enqueued, for as long as they may take', () => {
		const player = new Player().ordinary(30, GRAPHS);
		const storm = { evidence: { waitNs: 9 * MS, otherCopiedBytes: 256 * 2 ** 20 } };
		const behind = { evidence: { waitNs: 9 * MS } };
		const named = [storm, behind, behind, behind].map((facts) => player.slow({ ...GRAPHS, ...facts })?.cause.name);
		expect(named).toEqual(['copy_interference', 'copy_interference', 'gpu_contention', 'gpu_contention']);
	});

	test('copies that come with every step are part of it', () => {
		const usual = { otherCopiedBytes: 256 * 2 ** 20 };
		const player = new Player().ordinary(30, { ...GRAPHS, evidence: usual });
		const explanation = player.slow({ ...GRAPHS, evidence: { ...usual, waitNs: 9 * MS } });
		expect(explanation?.cause.name).toBe('gpu_contention');
	});

	test('the excess it explains, in ms', () => {
		const explanation = new Player().ordinary(30).slow({ evidence: { runQueueNs: 12 * MS, waitNs: 3 * MS } });
		expect(explanation?.excessMs).toBeCloseTo(10, 3);
		expect(explanation?.cause).toEqual({ name: 'cpu_contention', explainedMs: expect.closeTo(10, 3), share: 1 });
	});

	test('several causes side by side, the largest first', () => {
		const explanation = new Player()
			.ordinary(30)
			.slow({ evidence: { runQueueNs: 6 * MS, ioNs: 3 * MS, blockedNs: MS } });
		expect(explanation?.parts.map(({ name, share }) => [name, Math.round(share * 10)])).toEqual([
			['cpu_contention', 6],
			['host_io', 3],
			['host_delay', 1],
		]);
	});

	test('unknown, when the time is not accounted for', () => {
		const explanation = new Player().ordinary(30).slow({ durationNs: 60 * MS, evidence: { runQueueNs: 2 * MS } });
		expect(explanation?.cause).toEqual({ name: 'unknown', explainedMs: 0, share: 0 });
		expect(explanation?.parts).toEqual([{ name: 'cpu_contention', explainedMs: 2, share: expect.closeTo(2 / 54, 3) }]);
	});
});

describe('what is usual explains nothing', () => {
	test('waiting for a hand-over between threads in every step', () => {
		const usual = { lockNs: 7 * MS, siblingRunQueueNs: MS };
		const explanation = new Player().ordinary(30, { evidence: usual }).slow({ evidence: { ...usual, ioNs: 8 * MS } });
		expect(explanation?.parts.map(({ name }) => name)).toEqual(['host_io']);
	});

	test('a second server on the same GPU that launches all the time', () => {
		const usual = { foreignLaunches: 200 };
		const player = new Player().ordinary(30, { evidence: usual });
		expect(player.slow({ evidence: { ...usual, runningNs: 9 * MS } })?.cause.name).toBe('host_delay');
	});

	test('allocations that every step makes', () => {
		const player = new Player().ordinary(30, { allocs: 3, frees: 3 });
		expect(player.slow({ allocs: 3, frees: 3, evidence: { runningNs: 9 * MS } })?.cause.name).toBe('host_delay');
	});
});

describe('when nothing is said', () => {
	test('of ordinary steps', () => {
		const player = new Player().ordinary(30);
		expect(player.analyzer.observe({ ...slowStep(), evidence: undefined }, false)).toBeUndefined();
	});

	test('of a step whose evidence is not known', () => {
		const { analyzer } = new Player().ordinary(30);
		expect(analyzer.observe({ ...slowStep(), evidence: undefined }, true)).toBeUndefined();
	});

	test('before there is anything to compare with, and again after the process has ended', () => {
		const player = new Player();
		expect(player.slow({ evidence: { ioNs: MS } })).toBeUndefined();
		player.ordinary(30);
		expect(player.slow({ evidence: { ioNs: 9 * MS } })?.cause.name).toBe('host_io');
		player.analyzer.forgetProcess(100);
		expect(player.slow({ evidence: { ioNs: 9 * MS } })).toBeUndefined();
	});
});

test('work enqueued by another process lasts beyond the step in which it was launched', () => {
	const player = new Player().ordinary(30);
	expect(player.slow({ evidence: { runningNs: 7 * MS, foreignLaunches: 24 } })?.cause.name).toBe('gpu_contention');
	expect(player.slow({ evidence: { runningNs: 7 * MS } })?.cause.name).toBe('gpu_contention');
	player.ordinary(30);
	expect(player.slow({ evidence: { runningNs: 7 * MS } })?.cause.name).toBe('host_delay');
});

test('idle time before a step is no part of it', () => {
	const player = new Player().ordinary(30);
	const idle = player.slow({ durationNs: 15 * MS, evidence: { blockedNs: 500 * MS, runQueueNs: 9 * MS } });
	expect(idle?.parts.map(({ name }) => name)).toEqual(['cpu_contention']);
});

test('a mistaken option is refused', () => {
	for (const maxWorkloads of [0, -1, 1.5, Number.NaN]) {
		expect(() => new (new Player().analyzer.constructor as new (o: object) => object)({ maxWorkloads })).toThrow(
			`maxWorkloads: expected a positive integer, got ${maxWorkloads}`,
		);
	}
});

function slowStep() {
	return {
		pid: 100,
		tid: 100,
		phase: 'decode',
		endNs: 1e12,
		durationNs: 20 * MS,
		...GRAPHS,
		memcpyBytes: 64,
		ncclCalls: 0,
		allocs: 0,
		frees: 0,
	};
}
