import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sketchOf } from '../../test/serving-loop';
import { SKETCH_WORDS } from '../internal/sketch';
import { isSameProgram } from './sketch';

const marks = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 40 });

test('two steps ran the same program when a fifth of all their marks are common, three quarters with graphs', () => {
	fc.assert(
		fc.property(marks, marks, fc.boolean(), (a, b, graphs) => {
			const common = a.filter((mark) => b.includes(mark)).length;
			const all = new Set([...a, ...b]).size;
			const rows = new Uint32Array(3 * SKETCH_WORDS);
			rows.set(sketchOf(a), SKETCH_WORDS);
			expect(isSameProgram(rows, SKETCH_WORDS, sketchOf(b), graphs)).toBe(common >= (graphs ? 0.75 : 0.2) * all);
		}),
	);
});

test('one graph beside two launches is another program than another graph beside them', () => {
	const rows = sketchOf([1, 2, 77]);
	expect(isSameProgram(rows, 0, sketchOf([1, 2, 78]), true)).toBe(false);
	expect(isSameProgram(rows, 0, sketchOf([1, 2, 77]), true)).toBe(true);
});
