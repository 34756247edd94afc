import { describe, expect, test } from 'vitest';
import { AllocationLineage } from '../src/index';
import { openRecording } from './replay';

const MIB = 1024 * 1024;
const S = 1e9;

/** Recordings of an H100. What is live, counted by hand from the calls, and what may be said of it. */
describe('h100-serving-a: PyTorch with its caching allocator', () => {
	const recording = openRecording('h100-serving-a');
	const at = (seconds: number) => {
		const lineage = new AllocationLineage({ seesEndsOf: recording.seesEndsOf });
		recording.feed(lineage, seconds * S);
		return { lineage, summary: lineage.summary(408, seconds * S) ?? expect.fail() };
	};

	test('its 66 segments of the end, of a size of whole pages but for those of libraries', () => {
		const { lineage, summary } = at(recording.lastNs / S);
		expect(summary).toMatchObject({
			granularity: 'segments',
			coverage: 'unknown',
			live: { count: 66 },
			wholeGranules: { count: 58 },
			unknownFrees: 0,
			growth: { allocations: 289, frees: 223 },
			oldestSegmentAgeMs: 55_375,
		});
		expect(summary.live.bytes / MIB).toBeCloseTo(2180.3003);
		expect(summary.growth.netBytes).toBe(summary.live.bytes);
		expect(lineage.oldestAgesMs(408, recording.lastNs)).toEqual([55_375, 55_345, 55_344, 55_344, 55_344]);
		expect(lineage.counters).toMatchObject({
			allocated: 299,
			freed: 223,
			nullPointers: 6,
			unknownFrees: 0,
			replaced: 0,
		});
	});

	test('eager decoding leaves its segments alone for seconds: the blocks inside are hidden', () => {
		const { summary } = at(34);
		expect(summary).toMatchObject({ granularity: 'segments', live: { count: 121 } });
		expect(summary.quietMs).toBe(6_459);
	});

	test('a storm of segments is not taken for blocks', () => {
		const { summary } = at(48.7);
		expect(summary.granularity).toBe('segments');
		expect(summary.growth.allocations).toBeGreaterThan(200);
	});

	test('a KV cache of a tensor a layer shows as segments of one size, and as no pool while memory comes and goes', () => {
		const { summary } = at(52);
		expect(summary).toMatchObject({ granularity: 'segments', alike: { segments: 32, bytesEach: 1406 * MIB } });
		expect(summary.alike.share).toBeCloseTo(0.635, 3);
		expect(summary.largestShare).toBeCloseTo(0.319, 3);
	});

	test('of a process that only multiplies matrices five allocations are seen', () => {
		const { lineage } = at(34);
		expect(lineage.summary(445, 34 * S)).toMatchObject({ live: { count: 5 }, coverage: 'unknown' });
	});
});

describe('h100x2-parallel-a: two ranks with NCCL, which maps memory', () => {
	const recording = openRecording('h100x2-parallel-a');
	const feed = (options: ConstructorParameters<typeof AllocationLineage>[0]) => {
		const lineage = new AllocationLineage(options);
		recording.feed(lineage);
		return lineage;
	};

	test.for([
		{ pid: 608, segments: 196, mib: 12_150.276 },
		{ pid: 609, segments: 180, mib: 11_094.276 },
	])(
		'rank of process $pid: segments; what was mapped is summed up, since its end is not seen',
		({ pid, segments, mib }) => {
			expect(recording.seesEndsOf).toEqual(['device', 'managed']);
			const lineage = feed({ seesEndsOf: recording.seesEndsOf });
			const summary = lineage.summary(pid, recording.lastNs) ?? expect.fail();
			expect(summary).toMatchObject({
				granularity: 'segments',
				live: { count: segments },
				kinds: { mapped: { count: 0 } },
				unended: { mapped: { count: 258, bytes: 1156 * MIB } },
				physical: { count: 179 },
			});
			expect(summary.live.bytes / MIB).toBeCloseTo(mib, 3);
			// The rest of what it maps are buffers of the other rank.
			expect(summary.physical.bytes).toBeLessThan(summary.unended.mapped.bytes);
		},
	);

	test('all that is mapped would be live if unmappings were known to be seen', () => {
		const lineage = feed({});
		expect(lineage.summary(608, recording.lastNs)).toMatchObject({
			kinds: { mapped: { count: 258, bytes: 1156 * MIB } },
		});
		expect(lineage.counters.replaced).toBe(0);
	});
});

describe('h100-vllm-a: watched from some moment on, long after it took its KV pool', () => {
	const recording = openRecording('h100-vllm-a');
	const lineage = new AllocationLineage({ seesEndsOf: recording.seesEndsOf });
	recording.feed(lineage);

	test.for([
		{ pid: 449, mib: 238, minutes: 0 },
		{ pid: 460, mib: 166, minutes: 0 },
		{ pid: 449, mib: 238, minutes: 10 },
		{ pid: 460, mib: 166, minutes: 10 },
	])('engine $pid, $minutes minutes on: six segments, and nothing is called a pool', ({ pid, mib, minutes }) => {
		expect(lineage.summary(pid, recording.lastNs + minutes * 60 * S)).toMatchObject({
			granularity: 'segments',
			coverage: 'unknown',
			live: { count: 6, bytes: mib * MIB },
		});
	});

	test('three allocations of another process say nothing', () => {
		for (const pid of [450, 461]) {
			expect(lineage.summary(pid, recording.lastNs)).toMatchObject({ granularity: 'unknown', live: { count: 3 } });
		}
	});
});
