import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Btf, KIND } from './btf';
import { structLayout } from './struct-layout';
import { sectionVariables } from './variables';

/** Writes BTF as Documentation/bpf/btf.rst lays it out. Types get numbers from 1 in the order they are added. */
class BtfWriter {
	readonly #types: number[] = [];
	#strings = '\0';
	#count = 0;

	add(
		name: string,
		kind: number,
		sizeOrType: number,
		detail: readonly number[] = [],
		vlen = 0,
		kindFlag = false,
	): number {
		this.#types.push(this.string(name), (((kindFlag ? 0x80 : 0) | kind) << 24) | vlen, sizeOrType, ...detail);
		return ++this.#count;
	}

	integer(name: string, size: number, encoding = 0): number {
		return this.add(name, KIND.int, size, [(encoding << 24) | (size * 8)]);
	}

	struct(
		name: string,
		size: number,
		members: readonly (readonly [string, number, number])[],
		kindFlag = false,
	): number {
		const detail = members.flatMap(([member, type, bits]) => [this.string(member), type, bits]);
		return this.add(name, KIND.struct, size, detail, members.length, kindFlag);
	}

	string(text: string): number {
		const at = this.#strings.length;
		this.#strings += `${text}\0`;
		return at;
	}

	bytes(): Uint8Array {
		const strings = new TextEncoder().encode(this.#strings);
		const types = Uint32Array.from(this.#types);
		const bytes = new Uint8Array(24 + types.byteLength + strings.length);
		const view = new DataView(bytes.buffer);
		view.setUint16(0, 0xeb9f, true);
		view.setUint8(2, 1);
		[24, 0, types.byteLength, types.byteLength, strings.length].forEach((value, i) => {
			view.setUint32(4 + 4 * i, value, true);
		});
		bytes.set(new Uint8Array(types.buffer), 24);
		bytes.set(strings, 24 + types.byteLength);
		return bytes;
	}
}

describe('structLayout', () => {
	it('finds structs by name and by typedef, and refuses bit-fields', () => {
		const writer = new BtfWriter();
		const u32 = writer.integer('unsigned int', 4);
		const alias = writer.add('__u32', KIND.typedef, writer.add('', KIND.const, u32));
		const nameless = writer.struct('', 8, [
			['first', alias, 0],
			['pointer', writer.add('', KIND.pointer, u32), 64],
		]);
		writer.add('named', KIND.typedef, nameless);
		writer.struct('flags', 4, [['bit', u32, (1 << 24) | 3]], true);
		const btf = new Btf(writer.bytes());
		expect(structLayout(btf, 'named')?.fields).toEqual([
			{ name: 'first', offset: 0, size: 4, elements: 1, type: '__u32' },
			{ name: 'pointer', offset: 8, size: 8, elements: 1, type: 'unsigned int *' },
		]);
		expect(structLayout(btf, '__u32')).toBeUndefined();
		expect(structLayout(btf, 'absent')).toBeUndefined();
		expect(() => structLayout(btf, 'flags')).toThrow(RangeError);
	});

	it('reads BTF from the middle of a buffer, whatever comes before and after the type', () => {
		const sizes = fc.array(fc.constantFrom(1, 2, 4, 8), { maxLength: 20 });
		fc.assert(
			fc.property(sizes, fc.nat(16), (members, shift) => {
				const writer = new BtfWriter();
				writer.add('noise', KIND.enum, 4, [writer.string('A'), 0, writer.string('B'), 1], 2);
				writer.add('', KIND.functionPrototype, 0, [0, 1], 1);
				const types = new Map([1, 2, 4, 8].map((size) => [size, writer.integer(`u${size * 8}`, size)]));
				const expected = members.map((size, i) => ({
					name: `field${i}`,
					offset: 8 * i,
					size,
					elements: 1,
					type: `u${size * 8}`,
				}));
				writer.struct(
					'record',
					8 * members.length,
					expected.map(({ name, offset, size }) => [name, types.get(size) as number, offset * 8]),
				);
				writer.add('more', KIND.forward, 0);
				const bytes = writer.bytes();
				const shifted = new Uint8Array(bytes.length + shift + 3);
				shifted.set(bytes, shift);
				const btf = new Btf(shifted.subarray(shift, shift + bytes.length));
				expect(structLayout(btf, 'record')).toEqual({ size: 8 * members.length, fields: expected });
			}),
		);
	});
});

it('lists the scalar variables of a section', () => {
	const writer = new BtfWriter();
	const s16 = writer.integer('short', 2, 1);
	const array = writer.add('', KIND.array, 0, [s16, s16, 4]);
	const limit = writer.add('limit', KIND.variable, writer.add('', KIND.volatile, s16), [1]);
	const table = writer.add('table', KIND.variable, array, [1]);
	writer.add('.rodata', KIND.dataSection, 12, [limit, 8, 2, table, 0, 8], 2);
	const variables = sectionVariables(new Btf(writer.bytes()), '.rodata');
	expect([...variables]).toEqual([['limit', { offset: 8, size: 2, signed: true }]]);
	expect(sectionVariables(new Btf(writer.bytes()), '.bss').size).toBe(0);
});

it('refuses bytes that are not BTF', () => {
	expect(() => new Btf(new Uint8Array(4))).toThrow(RangeError);
	expect(() => new Btf(new Uint8Array(64))).toThrow(RangeError);
});
