import { join } from 'node:path';
import { inferenceOutlier } from '@ingero/contract/messages';
import { describe, expect, test } from 'vitest';
import { violations } from '../../helpers/contract-check';
import { countAllocations, parseWithAllocations } from '../../helpers/live-allocations';
import { expectUnharmed, printedSteps, tracing, waitingLoop } from '../../helpers/loop';
import { type Message, ofType, parseLines } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const LINEAGE = '--inference-kvcache-lineage';
const STEPS = 1200;
/** Slow decodes, so that there is something to tell. */
const SLOW = ['--steps', String(STEPS), '--slow-every', '40', '--slow-after', '300'];

const memoryOf = (messages: readonly Message[], pid: number) =>
	ofType(messages, 'inference_outlier').filter(
		(outlier) => outlier.pid === BigInt(pid) && outlier.kv_cache_memory !== undefined,
	);
const facts = ({
	pid,
	phase,
	step_duration_ns,
	kv_cache_top_alloc_ages_ms,
	kv_cache_age_granularity,
	kv_cache_memory,
}: Message) => ({
	pid,
	phase,
	step_duration_ns,
	kv_cache_top_alloc_ages_ms,
	kv_cache_age_granularity,
	kv_cache_memory,
});

describe.skipIf(obstacle !== undefined)('the memory behind a KV cache', () => {
	test.each([
		// A tensor a layer, and two small buffers of the loop's own.
		{ kv: 'layers', granularity: ['segments'], live: 18n },
		{ kv: 'segments', granularity: ['segments'], live: 4n },
		// What is seen of half a minute is too little to call it a habit.
		{ kv: 'async', granularity: ['unknown'], live: 33n },
		{ kv: 'mapped', granularity: ['mapped'], live: 6n },
	])(
		'is told with slow decodes, as the events show it, live and in the replay: $kv',
		async ({ kv, granularity, live }) => {
			const loop = await waitingLoop('--kv', kv, ...SLOW);
			const path = join(folder, `${kv}.igr`);
			const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps,outliers', LINEAGE, '--capture', path);
			loop.start();
			await printedSteps(agent, loop, STEPS);
			const { stdout } = await agent.stop();
			await expectUnharmed(loop, STEPS);

			const told = memoryOf(parseLines(stdout), loop.pid);
			expect(told.length).toBeGreaterThan(5);
			expect(told.flatMap((outlier) => violations(outlier, inferenceOutlier))).toEqual([]);
			expect([...new Set(told.map((outlier) => outlier.kv_cache_age_granularity))]).toEqual(granularity);
			expect(told.at(-1)?.kv_cache_memory).toMatchObject({ live_allocations: live });

			const replayed = parseWithAllocations(await replay(path, '--emit', 'steps,outliers,events', LINEAGE));
			expect(memoryOf(replayed, loop.pid).map(facts)).toEqual(told.map(facts));
			for (const { outlier, agesMs, liveAllocations, liveBytes } of countAllocations(replayed, {
				topN: 5,
				mappings: true,
			})) {
				expect(outlier.kv_cache_top_alloc_ages_ms).toEqual(agesMs);
				expect(outlier.kv_cache_memory).toMatchObject({ live_allocations: liveAllocations, live_bytes: liveBytes });
			}
		},
	);

	test('is known whole of a process whose first call was seen, and only then', async () => {
		const early = await waitingLoop('--kv', 'layers', ...SLOW);
		const agent = await tracing('--emit', 'steps,outliers', LINEAGE);
		const late = await waitingLoop('--kv', 'layers', ...SLOW);
		early.start();
		late.start();
		await printedSteps(agent, early, STEPS);
		await printedSteps(agent, late, STEPS);
		const messages = parseLines((await agent.stop()).stdout);
		const coverage = (pid: number) =>
			new Set(memoryOf(messages, pid).map(({ kv_cache_memory: memory }) => (memory as Message).coverage));
		expect(coverage(early.pid)).toEqual(new Set(['unknown']));
		expect(coverage(late.pid)).toEqual(new Set(['whole']));
	});

	test('is on the page: every age that was told is counted once', async () => {
		const loop = await waitingLoop('--kv', 'segments', ...SLOW, '--linger-ms', '2000');
		const agent = await tracing('--pid', String(loop.pid), '--emit', 'steps,outliers', LINEAGE, '--prometheus', ':0');
		const url = /metrics at (\S+)/.exec(agent.stderr)?.[1] ?? expect.fail();
		expect(await page(url)).not.toContain('kvcache');
		loop.start();
		await printedSteps(agent, loop, STEPS);
		const samples = await page(url);
		const told = memoryOf(parseLines((await agent.stop()).stdout), loop.pid);
		const ages = told.flatMap((outlier) => outlier.kv_cache_top_alloc_ages_ms as bigint[]);
		expect(ages.length).toBeGreaterThan(5);
		expect(samples).toContain(`\ningero_infer_kvcache_alloc_age_ms_count ${ages.length}\n`);
		expect(samples).toContain(`\ningero_infer_kvcache_alloc_age_ms_sum ${ages.reduce((sum, age) => sum + age, 0n)}\n`);
		const below = ages.filter((age) => age <= 232n).length;
		expect(samples).toContain(`\ningero_infer_kvcache_alloc_age_ms_bucket{le="232"} ${below}\n`);
	});
});

async function page(url: string): Promise<string> {
	return (await fetch(url)).text();
}
