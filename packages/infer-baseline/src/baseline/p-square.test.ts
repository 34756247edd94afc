import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussian, uniform } from '../../test/random';
import { P_SQUARE_FIELDS, PSquare, pSquareCount, pSquareValue } from './p-square';

function feed(samples: Iterable<number>, p: number): Float64Array {
	const row = new Float64Array(P_SQUARE_FIELDS);
	const estimator = new PSquare(p);
	for (const sample of samples) estimator.observe(row, 0, Float64Array.of(sample));
	return row;
}

const heights = (row: Float64Array, digits: number) => [...row.subarray(0, 5)].map((q) => Number(q.toFixed(digits)));
const positions = (row: Float64Array) => [...row.subarray(5)];
const draw = (count: number, sample: () => number) => Array.from({ length: count }, sample);

describe('published checks', () => {
	test('the example of the paper, p = 0.5', () => {
		const samples = [
			0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92, 34.6, 10.28, 1.47, 0.4, 0.05, 11.39, 0.27, 0.42,
			0.09, 11.37,
		];
		const row = feed(samples, 0.5);
		expect(heights(row, 3)).toEqual([0.02, 0.494, 4.441, 17.204, 38.62]);
		expect(positions(row)).toEqual([1, 6, 10, 16, 20]);
	});

	test('p = 0.95 on 1..100 and on a shuffle of it', () => {
		const rising = Array.from({ length: 100 }, (_, i) => i + 1);
		expect(heights(feed(rising, 0.95), 3)).toEqual([1, 48, 95, 97, 100]);
		const shuffled = rising.map((i) => (i * 37) % 101);
		expect(heights(feed(shuffled, 0.95), 3)).toEqual([1, 48.784, 94.913, 97.313, 100]);
	});
});

describe('the estimate is the 95th percentile, not the 97.5th', () => {
	const random = uniform(7);
	test.each([
		['uniform', () => 100 * random(), 95, 97.5],
		['exponential', () => -Math.log(1 - random()), 2.996, 3.689],
		['lognormal', () => Math.exp(0.5 * gaussian(random)), 2.276, 2.664],
	])('%s', (_, sample, p95, p975) => {
		const estimate = pSquareValue(feed(draw(20_000, sample), 0.95), 0);
		expect(Math.abs(estimate - p95)).toBeLessThan(Math.abs(estimate - p975) / 4);
	});

	test('a tail of 4 % stays out of it', () => {
		const sample = () => (random() < 0.04 ? 100 : 10) * (0.95 + 0.1 * random());
		expect(pSquareValue(feed(draw(20_000, sample), 0.95), 0)).toBeLessThan(12);
	});
});

test('no estimate before five samples', () => {
	expect(pSquareValue(feed([3, 1, 2, 5], 0.95), 0)).toBeNaN();
	expect(pSquareValue(feed([3, 1, 2, 5, 4], 0.95), 0)).toBe(3);
});

describe('the rank of the estimate, after 1,000 samples of 200 streams', () => {
	const shapes: Record<string, (random: () => number) => number> = {
		uniform: (random) => random(),
		exponential: (random) => -Math.log(1 - random()),
		normal: gaussian,
		lognormal: (random) => Math.exp(gaussian(random)),
		pareto: (random) => (1 - random()) ** -0.5,
	};
	const cases = Object.keys(shapes).flatMap((shape) => [0.5, 0.9, 0.95].map((p) => [shape, p] as const));
	test.each(cases)('%s, p = %d', (shape, p) => {
		const errors = Array.from({ length: 200 }, (_, seed) => {
			const random = uniform(seed);
			const samples = draw(1000, () => shapes[shape]?.(random) as number);
			const estimate = pSquareValue(feed(samples, p), 0);
			return Math.abs(samples.filter((sample) => sample <= estimate).length / 1000 - p);
		}).sort((a, b) => a - b);
		expect(errors[197]).toBeLessThan(0.025);
		expect(errors[199]).toBeLessThan(0.05);
	});
});

const durations = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 5, maxLength: 200 });

test('markers stay in order, between the extremes, and count every sample', () => {
	fc.assert(
		fc.property(durations, (samples) => {
			const row = feed(samples, 0.95);
			const q = [...row.subarray(0, 5)];
			const n = positions(row);
			expect(q).toEqual([...q].sort((a, b) => a - b));
			expect([q[0], q[4]]).toEqual([Math.min(...samples), Math.max(...samples)]);
			expect([n[0], pSquareCount(row, 0)]).toEqual([1, samples.length]);
			for (let i = 1; i < 5; i++) expect(n[i]).toBeGreaterThan(n[i - 1] as number);
		}),
	);
});

test('rows of one array do not touch each other', () => {
	fc.assert(
		fc.property(durations, durations, (first, second) => {
			const [left, right] = [Float64Array.from(first), Float64Array.from(second)];
			const rows = new Float64Array(2 * P_SQUARE_FIELDS);
			const p95 = new PSquare(0.95);
			for (let i = 0; i < Math.max(left.length, right.length); i++) {
				if (i < left.length) p95.observe(rows, 0, left.subarray(i));
				if (i < right.length) p95.observe(rows, P_SQUARE_FIELDS, right.subarray(i));
			}
			expect(rows).toEqual(Float64Array.from([...feed(left, 0.95), ...feed(right, 0.95)]));
		}),
	);
});
