import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniform } from '../../test/random';
import { LEVEL_GENERATION, Levels } from './levels';

const duration = fc.integer({ min: 1, max: 1e9 });
const levelOf = (samples: Iterable<number>) => {
	const levels = new Levels(2);
	for (const sample of samples) levels.observe(1, Float64Array.of(sample));
	return levels;
};

test('the median of up to 19 samples is exact, in whatever order they come', () => {
	fc.assert(
		fc.property(fc.array(duration, { minLength: 1, maxLength: 19 }), (samples) => {
			const sorted = [...samples].sort((a, b) => a - b);
			expect(levelOf(samples).median(1)).toBe(sorted[(samples.length - 1) >> 1]);
		}),
	);
});

test('a constant is its own median and 95th percentile, exactly', () => {
	fc.assert(
		fc.property(duration, fc.integer({ min: 20, max: 1000 }), (value, count) => {
			const levels = levelOf(new Array(count).fill(value));
			expect([levels.median(1), levels.p95(1)]).toEqual([value, value]);
		}),
	);
});

describe('start-up giants', () => {
	const many = (count: number, value: number) => new Array<number>(count).fill(value);

	test.each([
		['first', [2000, 2000, ...many(40, 5)]],
		['among the exact samples', [...many(10, 5), 2000, ...many(5, 5), 2000, ...many(25, 5)]],
		['after them', [...many(28, 5), 2000, 2000, ...many(10, 5)]],
	])('two of them leave no trace: %s', (_, samples) => {
		const levels = levelOf(samples);
		expect(levels.isSettled(1)).toBe(true);
		expect(levels.p95(1)).toBe(5);
	});

	test('three are a second mode', () => {
		expect(levelOf([...many(17, 5), ...many(3, 2000), ...many(20, 5)]).p95(1)).toBeGreaterThan(5);
	});
});

test('within two generations an old level is forgotten', () => {
	const random = uniform(3);
	const sample = (ms: number) => ms * (0.95 + 0.1 * random());
	const levels = levelOf(Array.from({ length: 2000 }, () => sample(70)));
	for (let i = 0; i < 2 * LEVEL_GENERATION; i++) levels.observe(1, Float64Array.of(sample(12)));
	expect(levels.median(1)).toBeGreaterThan(11.4);
	expect(levels.p95(1)).toBeLessThan(12.7);
});

describe('a 95th percentile that rises', () => {
	const random = uniform(7);
	const spread = (ms: number) => ms * (0.95 + 0.1 * random());
	const settled = () => Array.from({ length: 300 }, () => spread(5));

	test('alone is believed the second time: a fault lets a third of its steps through', () => {
		const samples = settled();
		const slower = (steps: number) => Array.from({ length: steps }, (_, i) => spread(i % 3 === 0 ? 7 : 5));
		samples.push(...slower(LEVEL_GENERATION));
		expect(levelOf(samples).p95(1)).toBeLessThan(5.6);
		expect(levelOf(samples).highestP95(1)).toBeGreaterThan(6.5);
		samples.push(...slower(LEVEL_GENERATION));
		expect(levelOf(samples).p95(1)).toBeGreaterThan(6.5);
	});

	test('with the median is believed at once: all steps have become slower', () => {
		const samples = [...settled(), ...Array.from({ length: LEVEL_GENERATION }, () => spread(7))];
		expect(levelOf(samples).p95(1)).toBeGreaterThan(6.5);
	});
});

test('of slow first steps nothing is left after two short generations', () => {
	const slowFirst = [...new Array<number>(10).fill(9), ...new Array<number>(130).fill(5)];
	expect(levelOf(slowFirst.slice(0, 40)).p95(1)).toBe(9);
	expect(levelOf(slowFirst).p95(1)).toBe(5);
});

test('the rank of the estimate, at any later time, is within 0.05 of 0.95', () => {
	const random = uniform(5);
	const recent: number[] = [];
	const levels = new Levels(1);
	for (let i = 0; i < 5000; i++) {
		const x = Math.exp(random() + random());
		levels.observe(0, Float64Array.of(x));
		recent.push(x);
		if (recent.length > 4000 && i % 50 === 0) {
			const p95 = levels.p95(0);
			const rank = recent.filter((other) => other <= p95).length / recent.length;
			expect(Math.abs(rank - 0.95)).toBeLessThan(0.05);
		}
	}
});
