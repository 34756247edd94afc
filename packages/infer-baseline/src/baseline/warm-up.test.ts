import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settleWarmUp } from './warm-up';

const many = (count: number, value: number) => new Array<number>(count).fill(value);

describe('gross samples', () => {
	test('two giants at the start are left out, and replaced', () => {
		expect(settleWarmUp([...many(2, 2000), ...many(28, 5)], 30)).toBeUndefined();
		expect(settleWarmUp([...many(2, 2000), ...many(30, 5)], 30)).toEqual(many(30, 5));
	});

	test('ten times the median still counts', () => {
		expect(settleWarmUp([50, ...many(29, 5)], 30)).toContain(50);
		expect(settleWarmUp([50.1, ...many(30, 5)], 30)).not.toContain(50.1);
	});

	test('a second mode counts', () => {
		const twoModes = Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? 180 : 5));
		expect(settleWarmUp(twoModes, 30)).toEqual(twoModes);
	});

	test('a level that rose for good counts', () => {
		const risen = [...many(10, 5), ...many(20, 500)];
		expect(settleWarmUp(risen, 30)).toEqual(risen);
	});
});

test('warm-up ends, with enough samples, in order, and with none below the median missing', () => {
	const sample = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1e10 }));
	fc.assert(
		fc.property(fc.integer({ min: 5, max: 60 }), fc.infiniteStream(sample), (warmup, stream) => {
			const samples: number[] = [];
			let settled: readonly number[] | undefined;
			for (const value of stream) {
				samples.push(value);
				settled = settleWarmUp(samples, warmup);
				if (settled !== undefined) break;
				expect(samples.length).toBeLessThan(warmup + Math.max(2, Math.ceil(warmup / 19)));
			}
			expect(settled?.length).toBeGreaterThanOrEqual(warmup);
			const kept = [...(settled ?? [])];
			expect(samples.filter((value) => value === kept[0] && kept.shift() !== undefined)).toEqual(settled);
			const median = [...samples].sort((a, b) => a - b)[(samples.length - 1) >> 1] as number;
			const small = (values: readonly number[]) => values.filter((value) => value <= median).length;
			expect(small(settled ?? [])).toBe(small(samples));
		}),
	);
});
