import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentMap } from './recent-map';

test('remembers the keys set last, at least its capacity of them and at most twice that, each with its last value', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(30), { maxLength: 200 }), (capacity, keys) => {
			const map = new RecentMap<number>(capacity);
			const lastValues = new Map<number, number>();
			for (const [value, key] of keys.entries()) {
				map.set(key, value);
				lastValues.delete(key);
				lastValues.set(key, value);
			}
			const newestFirst = [...lastValues].reverse();
			for (const [place, [key, value]] of newestFirst.entries()) {
				if (place < capacity) expect(map.get(key)).toBe(value);
				if (place >= 2 * capacity) expect(map.get(key)).toBeUndefined();
				expect([value, undefined]).toContain(map.get(key));
			}
			expect(map.get(31)).toBeUndefined();
		}),
	);
});
