import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PointerIndex } from './pointer-index';
import { NONE } from './slots';

/** Few addresses, so that they come and go; far apart, as the driver's are, and close together. */
const pointers = (count: number) =>
	fc.oneof(
		fc.integer({ min: 1, max: count }).map((i) => 0x7f0000000000 + i * 0x200000),
		fc.integer({ min: 1, max: count }).map((i) => i * 2 ** 32),
		fc.integer({ min: 1, max: count }),
	);
const runs = fc
	.integer({ min: 1, max: 40 })
	.chain((count) =>
		fc.tuple(fc.constant(3 * count), fc.array(fc.tuple(pointers(count), fc.boolean()), { maxLength: 400 })),
	);

test('an index finds what a Map finds, in slots that nobody shares', () => {
	fc.assert(
		fc.property(runs, ([maxSize, operations]) => {
			const index = new PointerIndex(maxSize);
			const expected = new Map<number, number>();
			for (const [address, insert] of operations) {
				const slot = index.find(address);
				expect(slot).toBe(expected.get(address) ?? NONE);
				if (insert && slot === NONE) expected.set(address, index.insert(address));
				if (!insert && slot !== NONE) {
					index.remove(slot);
					expected.delete(address);
				}
				expect(index.size).toBe(expected.size);
			}
			for (const [address, slot] of expected) expect(index.find(address)).toBe(slot);
			expect(new Set(expected.values()).size).toBe(expected.size);
			expect(Math.max(-1, ...expected.values())).toBeLessThan(index.capacity);
		}),
	);
});

test.for([1, 2, 33, 1000])('%i addresses fit, and are found again', (maxSize) => {
	const index = new PointerIndex(maxSize);
	const addresses = Array.from({ length: maxSize }, (_, i) => 2 ** 40 + i * 512);
	const slots = addresses.map((address) => index.insert(address));
	expect(addresses.map((address) => index.find(address))).toEqual(slots);
	expect(index.capacity).toBe(maxSize);
});
