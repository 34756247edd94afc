const LOW_WORD = 4_294_967_296;

/**
 * A 64-bit handle as a map key. User-space pointers are below 2^47 and exact; a made-up handle above 2^53 may share
 * its key with a neighbour, which mixes two streams of a process that lies about its handles, and nothing else.
 */
export function handleKey(low: number, high: number): number {
	return high * LOW_WORD + low;
}

/** Two words and the 64-bit number they are: made of a shift and an or, the number costs six times as much. */
const words = new Uint32Array(2);
const value = new BigUint64Array(words.buffer);

/** The exact 64-bit value of two words. */
export function handleValue(low: number, high: number): bigint {
	words[0] = low;
	words[1] = high;
	return value[0] as bigint;
}
