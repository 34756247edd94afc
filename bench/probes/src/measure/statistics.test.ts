import { describe, expect, it } from 'vitest';
import { quantile, Rounds } from './statistics';

describe('quantile', () => {
	it('lies between the neighbours of its place', () => {
		expect(quantile([4, 1, 3, 2], 0)).toBe(1);
		expect(quantile([4, 1, 3, 2], 1)).toBe(4);
		expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
		expect(quantile([10, 20, 30], 0.1)).toBe(12);
		expect(quantile([], 0.5)).toBeNaN();
	});
});

describe('Rounds', () => {
	it('takes the best decile over all rounds, so that one quiet round is enough', () => {
		const rounds = new Rounds();
		rounds.add([50, 60, 70, 80, 90]);
		rounds.add([10, 11, 12, 13, 14]);
		expect(rounds.best).toBeCloseTo(10.9);
		expect(rounds.median).toBe(32);
	});
});
