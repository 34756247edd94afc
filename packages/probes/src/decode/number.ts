import { handleKey } from '@ingero/steps';

/**
 * The 64-bit number in two words; exact below 2^53. Small ones, as most counts are, stay integers to the JavaScript engine,
 * which keeps them in the object, where it would put others beside it.
 */
export function number(words: Uint32Array, at: number): number {
	const low = words[at] as number;
	const high = words[at + 1] as number;
	return high === 0 ? low : handleKey(low, high);
}
