/**
 * The items in another order, the same one for the same round: neither what drifts during a run nor what one measurement
 * leaves behind for the next falls on the same items in every round.
 *
 * @param round from 0
 */
export function shuffled<T>(items: readonly T[], round: number): T[] {
	const result = [...items];
	let state = round + 1;
	for (let at = result.length - 1; at > 0; at--) {
		// xorshift32
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		const other = (state >>> 0) % (at + 1);
		[result[at], result[other]] = [result[other] as T, result[at] as T];
	}
	return result;
}
