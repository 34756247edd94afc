import { bitCount, SKETCH_WORDS } from '../internal/sketch';

/**
 * Least overlap (common / all marks) of two steps that run the same program. Steps of one model at about equal size
 * overlap by 0.3 to 1: attention picks other kernels as contexts grow. Unrelated programs share what chance gives.
 */
const SAME_PROGRAM = 0.2;
/** A replayed graph is one mark, whatever is in it: beside few launches, one other graph is other work. */
const SAME_GRAPHS = 0.75;

/**
 * Whether a step's sketch and the remembered one at `at` show the same program.
 *
 * @param sketches rows of {@link SKETCH_WORDS}
 * @param graphs whether the step replayed graphs
 */
export function isSameProgram(sketches: Uint32Array, at: number, sketch: Uint32Array, graphs: boolean): boolean {
	if (isEqualSketch(sketches, at, sketch)) return true;
	let common = 0;
	let all = 0;
	for (let i = 0; i < SKETCH_WORDS; i++) {
		const a = sketches[at + i] as number;
		const b = sketch[i] as number;
		common += bitCount(a & b);
		all += bitCount(a | b);
	}
	return common >= all * (graphs ? SAME_GRAPHS : SAME_PROGRAM);
}

export function isEqualSketch(sketches: Uint32Array, at: number, sketch: Uint32Array): boolean {
	for (let i = 0; i < SKETCH_WORDS; i++) if (sketches[at + i] !== sketch[i]) return false;
	return true;
}
