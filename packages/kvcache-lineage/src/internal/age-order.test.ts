import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgeOrder } from './age-order';
import { NONE } from './slots';

const SLOTS = 40;

test('slots come in order of time, and the oldest that is not kept may be evicted', () => {
	const operation = fc.record({ slot: fc.nat(SLOTS - 1), time: fc.nat(20) });
	fc.assert(
		fc.property(fc.nat(12), fc.array(operation, { maxLength: 200 }), (kept, operations) => {
			const order = new AgeOrder(kept, SLOTS);
			let expected: { slot: number; time: number }[] = [];
			for (const { slot, time } of operations) {
				if (expected.some((each) => each.slot === slot)) {
					order.remove(slot);
					expected = expected.filter((each) => each.slot !== slot);
				} else {
					order.insert(slot, time);
					// A stable sort: of equal times the first inserted stays first.
					expected = [...expected, { slot, time }].sort((a, b) => a.time - b.time);
				}
				const slots: number[] = [];
				for (let at = order.oldest; at !== NONE; at = order.newerThan(at)) slots.push(at);
				expect(slots).toEqual(expected.map((each) => each.slot));
				expect(order.evictable).toBe(expected[kept]?.slot ?? NONE);
			}
		}),
	);
});
