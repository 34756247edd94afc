/**
 * An order-dependent fingerprint of the functions a step launched, kept so that two halves can be joined:
 * a polynomial rolling hash in two 32-bit lanes. A fold such as FNV-1a depends on order too, but a ledger that
 * was closed twice could not be put together again.
 *
 * The kernel's ledgers (bpf/include/ingero_ledger.h) compute the very same numbers.
 */
export const LANE_0_BASE = 0x85ebca77;
export const LANE_1_BASE = 0xc2b2ae3d;
const HIGH_WORD_SPREAD = 0x9e3779b1;

/** Spreads a 64-bit handle over 32 bits. */
export function mixFunction(low: number, high: number): number {
	let mixed = (low ^ Math.imul(high, HIGH_WORD_SPREAD)) >>> 0;
	mixed = Math.imul(mixed ^ (mixed >>> 15), LANE_0_BASE);
	return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** base^exponent mod 2^32. */
export function power(base: number, exponent: number): number {
	let result = 1;
	let square = base;
	for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
		if (rest % 2 === 1) result = Math.imul(result, square);
		square = Math.imul(square, square);
	}
	return result >>> 0;
}

/** One lane of the hash of two sequences, one after the other; `launches` is the length of the second one. */
export function joinLane(lane: number, base: number, later: number, launches: number): number {
	return lane === 0 ? later : (Math.imul(lane, power(base, launches)) + later) >>> 0;
}
