/**
 * A map that remembers at least the `capacity` keys set last, and at most twice as many.
 *
 * Two generations take turns: when the young one is full, the old one is dropped as a whole. A single Map that deletes
 * its oldest key for every new one would do the same exactly, but finding the first key of a Map walks over all that
 * were deleted before it: with an event recorded a kernel that was half the time of a replay.
 */
export class RecentMap<V> {
	readonly #capacity: number;
	#young = new Map<number, V>();
	#old = new Map<number, V>();

	constructor(capacity: number) {
		this.#capacity = capacity;
	}

	get(key: number): V | undefined {
		return this.#young.get(key) ?? this.#old.get(key);
	}

	set(key: number, value: V): void {
		this.#young.set(key, value);
		if (this.#young.size < this.#capacity) return;
		this.#old = this.#young;
		this.#young = new Map();
	}
}
