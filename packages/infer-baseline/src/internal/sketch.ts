/** 32-bit words of a function sketch. */
export const SKETCH_WORDS = 8;

/** Bits that are set in a 32-bit word. */
export function bitCount(word: number): number {
	let bits = word - ((word >>> 1) & 0x55555555);
	bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
	return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
