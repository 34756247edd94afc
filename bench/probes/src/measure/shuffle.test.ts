import { describe, expect, it } from 'vitest';
import { shuffled } from './shuffle';

describe('shuffled', () => {
	const items = [0, 1, 2, 3, 4, 5, 6];
	const rounds = Array.from({ length: 50 }, (_, round) => shuffled(items, round));

	it('keeps all items, and gives the same order for the same round', () => {
		for (const [round, order] of rounds.entries()) {
			expect(order.toSorted((a, b) => a - b)).toEqual(items);
			expect(shuffled(items, round)).toEqual(order);
		}
	});

	it('puts every item behind every other one now and then', () => {
		const pairs = new Set(rounds.flatMap((order) => order.slice(1).map((item, at) => `${order[at]} ${item}`)));
		expect(pairs.size).toBe(items.length * (items.length - 1));
	});
});
