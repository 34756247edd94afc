import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LruSlots, NONE } from './lru-slots';

/** Keys whose hash is the key modulo 4: collisions all over, in buckets and in whole hashes. */
class Cache {
	readonly slots: LruSlots;
	readonly keys: number[] = [];

	constructor(capacity: number) {
		this.slots = new LruSlots(capacity);
	}

	find(key: number): number {
		let slot = this.slots.first(key % 4);
		while (slot !== NONE && this.keys[slot] !== key) slot = this.slots.next(slot);
		return slot;
	}

	use(key: number): void {
		const slot = this.find(key);
		if (slot === NONE) this.keys[this.slots.insert(key % 4)] = key;
		else this.slots.touch(slot);
	}

	drop(key: number): void {
		const slot = this.find(key);
		if (slot !== NONE) this.slots.remove(slot);
	}

	contents(): number[] {
		return this.slots.slots().map((slot) => this.keys[slot] as number);
	}
}

test('holds what a naive LRU holds, in its order, after every operation', () => {
	const key = fc.integer({ min: 0, max: 12 });
	const operation = fc.tuple(fc.constantFrom('use', 'use', 'use', 'drop', 'find'), key);
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 9 }), fc.array(operation, { maxLength: 80 }), (capacity, operations) => {
			const cache = new Cache(capacity);
			let model: number[] = [];
			let evictions = 0;
			for (const [kind, k] of operations) {
				if (kind === 'find') {
					expect(cache.find(k) !== NONE).toBe(model.includes(k));
					continue;
				}
				const known = model.includes(k);
				model = model.filter((other) => other !== k);
				if (kind === 'drop') cache.drop(k);
				else {
					cache.use(k);
					model.push(k);
					if (!known && model.length > capacity) {
						model.shift();
						evictions += 1;
					}
				}
				expect(cache.contents()).toEqual(model);
				expect(cache.slots.size).toBe(model.length);
				expect(cache.slots.evictions).toBe(evictions);
			}
		}),
	);
});
