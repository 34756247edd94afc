const LOW_WORD = 4_294_967_296;

/**
 * A 64-bit handle as a map key. User-space pointers are below 2^47 and exact; a made-up handle above 2^53 may share
 * its key with a neighbour, which mixes two streams of a process that lies about its handles, and nothing else.
 */
export function handleKey(low: number, high: number): number {
	return high * LOW_WORD + low;
}

/** The exact 64-bit value of two words. */
export function handleValue(low: number, high: number): bigint {
	return (BigInt(high) << 32n) | BigInt(low);
}
