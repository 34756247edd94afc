import { inferenceOutlier, summary } from '@ingero/contract/messages';
import { beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../../helpers/contract-check';
import { countAllocations, parseWithAllocations } from '../../helpers/live-allocations';
import { type Message, ofType, parseLines, total } from '../../helpers/messages';
import { pathOf, RECORDINGS } from '../../helpers/recordings';
import { replay } from '../../helpers/run-ingero';

const LINEAGE = '--inference-kvcache-lineage';

describe.each(RECORDINGS)('a replay of %s that follows allocations', (name) => {
	let messages: Message[];
	let outliers: Message[];
	beforeAll(async () => {
		messages = parseWithAllocations(await replay(pathOf(name), LINEAGE, '--emit', 'outliers,steps,events'));
		outliers = ofType(messages, 'inference_outlier').filter((outlier) => outlier.kv_cache_memory !== undefined);
	}, 60_000);

	test('tells of the memory of slow decodes, and of no other step, as the contract says', () => {
		expect(outliers.length).toBeGreaterThan(0);
		for (const outlier of outliers) {
			expect(violations(outlier, inferenceOutlier)).toEqual([]);
			expect(outlier.phase).toBe('decode');
		}
		const last = messages.at(-1) as Message;
		expect(violations(last, summary)).toEqual([]);
		const { allocated, unknown_frees: _, refused: __, unended: ___, ...ends } = last.device_allocations as Message;
		expect(allocated).toBe(total(ends));
		expect(allocated).toBeGreaterThan(0n);
	});

	test('gives the ages and sizes that the events give', () => {
		for (const { outlier, agesMs, liveAllocations, liveBytes } of countAllocations(messages, {
			topN: 5,
			mappings: false,
		})) {
			expect(outlier.kv_cache_top_alloc_ages_ms).toEqual(agesMs);
			expect(outlier.kv_cache_memory).toMatchObject({ live_allocations: liveAllocations, live_bytes: liveBytes });
		}
	});

	test('never takes the segments of a caching allocator for blocks, nor a watch that began late for a whole one', () => {
		const said = new Set(
			outliers.map(({ kv_cache_age_granularity, kv_cache_memory }) =>
				[kv_cache_age_granularity, (kv_cache_memory as Message).coverage].join(),
			),
		);
		expect(said).toEqual(new Set(['segments,unknown']));
	});
});

describe('the flags of following allocations', () => {
	const path = pathOf('h100-vllm-a');
	const agesOf = async (...flags: string[]) =>
		ofType(parseLines(await replay(path, ...flags)), 'inference_outlier').flatMap(
			({ kv_cache_top_alloc_ages_ms: ages }) => (ages === undefined ? [] : [ages as bigint[]]),
		);

	test('for people, the oldest allocation and what it is stand behind a slow step', async () => {
		// Without phases any step may be a decode.
		const path = pathOf('h100-serving-a');
		const flags = ['--json=false', '--inference-phase-classifier', 'off'];
		const slow = (view: string) => view.split('\n').filter((line) => line.includes(' slow step '));
		const lines = slow(await replay(path, ...flags, LINEAGE));
		expect(lines.length).toBeGreaterThan(3);
		for (const line of lines) expect(line).toMatch(/; oldest of \d+ allocations [\d.]+s \(segments\) {2}recorded 408$/);
		expect(slow(await replay(path, ...flags)).join()).not.toContain('allocations');
	});

	test('without the switch nothing is told', async () => {
		const messages = parseLines(await replay(path));
		expect(messages.filter((message) => Object.keys(message).some((key) => /kv_cache|device_alloc/.test(key)))).toEqual(
			[],
		);
		expect(await agesOf(`${LINEAGE}=false`)).toEqual([]);
	});

	test('so many ages at most, the oldest', async () => {
		const [five, two] = [await agesOf(LINEAGE), await agesOf(LINEAGE, '--inference-kvcache-top-n', '2')];
		expect(five.length).toBeGreaterThan(0);
		expect(new Set(five.map(({ length }) => length))).toEqual(new Set([5]));
		expect(two).toEqual(five.map((ages) => ages.slice(0, 2)));
		expect(await agesOf(LINEAGE, '--inference-kvcache-top-n=-1')).toEqual(five);
	});

	test('so many allocations of a process, the oldest of which stay', async () => {
		const text = await replay(path, LINEAGE, '--inference-kvcache-max-per-pid', '4');
		const messages = parseLines(text);
		const live = ofType(messages, 'inference_outlier').flatMap(({ kv_cache_memory: memory }) =>
			memory === undefined ? [] : [(memory as Message).live_allocations],
		);
		expect(new Set(live)).toEqual(new Set([4n]));
		expect(messages.at(-1)?.device_allocations).toMatchObject({ overflowed: 4n });
		const ages = await agesOf(LINEAGE, '--inference-kvcache-max-per-pid', '4', '--inference-kvcache-top-n', '3');
		expect(ages).toEqual(await agesOf(LINEAGE, '--inference-kvcache-top-n', '3'));
		expect(await agesOf(LINEAGE, '--inference-kvcache-max-per-pid', '0')).toEqual(await agesOf(LINEAGE));
	});

	test('a second replay prints the same bytes', async () => {
		const first = await replay(path, LINEAGE, '--node', 'n');
		expect(await replay(path, LINEAGE, '--node', 'n')).toBe(first);
	});
});
