import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeVariable } from './variables';

const variable = fc.record({ offset: fc.nat(24), size: fc.constantFrom(1, 2, 4, 8), signed: fc.boolean() });

it('stores what a DataView reads back, and touches nothing else', () => {
	fc.assert(
		fc.property(variable, fc.bigInt(-(2n ** 64n), 2n ** 64n), (place, value) => {
			const section = new Uint8Array(32).fill(0xa5);
			const bits = place.size * 8;
			const fits = (place.signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value;
			if (!fits) {
				expect(() => writeVariable(section, 'x', place, value)).toThrow(/^readOnlyData.x: expected an integer from/);
			} else {
				writeVariable(section, 'x', place, value);
				const wide = new Uint8Array(8);
				wide.set(section.subarray(place.offset, place.offset + place.size));
				const raw = new DataView(wide.buffer).getBigUint64(0, true);
				expect(place.signed ? BigInt.asIntN(bits, raw) : raw).toBe(value);
			}
			const outside = section.filter((_, i) => i < place.offset || i >= place.offset + place.size);
			expect(outside.every((byte) => byte === 0xa5)).toBe(true);
		}),
	);
});

it('takes booleans and whole numbers only', () => {
	const section = new Uint8Array(4);
	const place = { offset: 0, size: 1, signed: false };
	writeVariable(section, 'x', place, true);
	expect(section[0]).toBe(1);
	for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
		expect(() => writeVariable(section, 'x', place, value)).toThrow(TypeError);
	}
});
