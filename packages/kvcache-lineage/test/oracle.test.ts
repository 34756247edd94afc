import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AllocationKind, AllocationLineage } from '../src/index';
import { Oracle } from './oracle';

const pid = fc.integer({ min: 1, max: 5 });
/** Neighbouring addresses of one size, so that ranges follow each other, in two places far apart. */
const pointer = fc.integer({ min: 1, max: 16 }).map((i) => (i % 2 === 0 ? 2 ** 40 : 2 ** 46) + i * 64);
const kind = fc.constantFrom<AllocationKind>('device', 'managed', 'async', 'mapped');
/** Mostly forward, sometimes late, sometimes at the same time. */
const stepNs = fc.oneof(fc.constant(0), fc.integer({ min: -3e6, max: 9e6 }));

const operation = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({ do: fc.constant('allocated' as const), pid, pointer, kind, bytes: fc.nat(256), stepNs }),
	},
	{ weight: 3, arbitrary: fc.record({ do: fc.constant('freed' as const), pid, pointer, stepNs }) },
	{
		weight: 1,
		arbitrary: fc.record({ do: fc.constant('unmapped' as const), pid, pointer, bytes: fc.nat(256), stepNs }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('forgetProcess' as const), pid, stepNs }) },
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('oldestAgesMs' as const),
			pid,
			topN: fc.integer({ min: -1, max: 20 }),
			stepNs,
		}),
	},
);

const options = fc
	.record({
		maxPerProcess: fc.integer({ min: 1, max: 12 }),
		maxProcesses: fc.integer({ min: 1, max: 5 }),
		kept: fc.nat(11),
	})
	.map(({ kept, ...caps }) => ({ ...caps, oldestKept: Math.min(kept, caps.maxPerProcess - 1) }));

test('ages, counts and evictions are those of the slow oracle, in any order of events', () => {
	fc.assert(
		fc.property(options, fc.array(operation, { maxLength: 120 }), (caps, operations) => {
			const lineage = new AllocationLineage(caps);
			const oracle = new Oracle(caps);
			let tNs = 1e9;
			for (const { stepNs: step, ...each } of operations) {
				tNs += step;
				switch (each.do) {
					case 'allocated':
					case 'freed':
					case 'unmapped': {
						const event = { ...each, tNs };
						lineage[each.do](event as never);
						oracle[each.do](event as never);
						break;
					}
					case 'forgetProcess':
						lineage.forgetProcess(each.pid);
						oracle.forgetProcess(each.pid);
						break;
					default:
						expect(lineage.oldestAgesMs(each.pid, tNs, each.topN)).toEqual(
							oracle.oldestAgesMs(each.pid, tNs, each.topN),
						);
				}
			}
			expect(lineage.counters).toMatchObject(oracle.counters);
			expect(lineage.processCount).toBe(oracle.processes.length);
			for (const { pid: process, live } of [...oracle.processes]) {
				const { live: tally, kinds, largestShare, ...summary } = lineage.summary(process, tNs) ?? expect.fail();
				const bytes = live.reduce((sum, allocation) => sum + allocation.bytes, 0);
				expect(tally).toEqual({ count: live.length, bytes });
				expect(Object.values(kinds).reduce((sum, { count }) => sum + count, 0)).toBe(live.length);
				if (summary.overflowed === 0) expect(summary.growth.netBytes).toBe(bytes);
				expect(largestShare * bytes).toBeCloseTo(Math.max(0, ...live.map((allocation) => allocation.bytes)));
				const ages = oracle.oldestAgesMs(process, tNs, Number.POSITIVE_INFINITY);
				expect([summary.oldestSegmentAgeMs, summary.newestSegmentAgeMs]).toEqual([
					ages[0] ?? null,
					ages.at(-1) ?? null,
				]);
			}
			const { allocated, freed, replaced, overflowed, forgotten } = lineage.counters;
			expect(allocated).toBe(freed + replaced + overflowed + forgotten + lineage.size);
		}),
		{ numRuns: 400 },
	);
});

test('processes do not influence each other', () => {
	fc.assert(
		fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
			const together = new AllocationLineage({ maxPerProcess: 6, oldestKept: 2 });
			const alone = new AllocationLineage({ maxPerProcess: 6, oldestKept: 2 });
			let tNs = 1e9;
			for (const { stepNs: step, ...each } of operations) {
				tNs += step;
				if (each.do === 'oldestAgesMs') continue;
				for (const lineage of each.pid === 1 ? [together, alone] : [together]) {
					if (each.do === 'forgetProcess') lineage.forgetProcess(each.pid);
					else lineage[each.do]({ ...each, tNs } as never);
				}
			}
			expect(together.summary(1, tNs)).toEqual(alone.summary(1, tNs));
			expect(together.oldestAgesMs(1, tNs, 20)).toEqual(alone.oldestAgesMs(1, tNs, 20));
		}),
	);
});
