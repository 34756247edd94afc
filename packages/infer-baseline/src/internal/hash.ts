/** Folds a 32-bit word into a running 32-bit hash (the round of MurmurHash3). */
export function mix(hash: number, word: number): number {
	let k = Math.imul(word, 0xcc9e2d51);
	k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
	const h = hash ^ k;
	return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

export function mixString(hash: number, text: string): number {
	let h = hash;
	for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
	return h;
}

/** Spreads the last words over all bits, so that the low ones can pick a bucket. */
export function finish(hash: number): number {
	let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return h ^ (h >>> 16);
}
