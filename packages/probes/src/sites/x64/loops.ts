import { decode } from './decode';
import { branchTarget } from './kernel';

/**
 * The first branch of a function that goes back to an instruction between its second and the one at `place`: it would
 * pass the place again without a call. Looks as far as the code is known; undefined when there is none.
 *
 * @returns bytes from the start of the code
 */
export function branchBackTo(code: Uint8Array, place: number): number | undefined {
	for (let at = 0; ; ) {
		const instruction = decode(code, at);
		if (instruction === undefined) return undefined;
		const target = branchTarget(instruction);
		// To the very start it is a call of itself.
		if (target !== undefined && target > 0 && target <= place) return at;
		at += instruction.length;
	}
}
