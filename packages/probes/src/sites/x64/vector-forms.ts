import { type Form, OPERAND_SIZE, type View } from './operands';

/** Moves and zeroings of vector registers; a key is the mandatory prefix and the opcode. */
const VECTOR_LOADS: Readonly<Record<string, readonly [string, bytes: number]>> = {
	'10': ['movups', 16],
	'f3 10': ['movss', 4],
	'f2 10': ['movsd', 8],
	'28': ['movaps', 16],
	'66 28': ['movapd', 16],
	'66 6f': ['movdqa', 16],
	'f3 6f': ['movdqu', 16],
	'f3 7e': ['movq', 8],
	'57': ['xorps', 16],
	'66 57': ['xorpd', 16],
	'66 ef': ['pxor', 16],
	'66 6c': ['punpcklqdq', 16],
};

const VECTOR_STORES: Readonly<Record<string, readonly [string, bytes: number]>> = {
	'11': ['movups', 16],
	'f3 11': ['movss', 4],
	'f2 11': ['movsd', 8],
	'29': ['movaps', 16],
	'66 29': ['movapd', 16],
	'66 7f': ['movdqa', 16],
	'f3 7f': ['movdqu', 16],
	'66 d6': ['movq', 8],
};

/** The meaning of an instruction of two opcode bytes that moves or clears a vector register; undefined for others. */
export function vectorForm(view: View): Form | undefined {
	const prefix = view.has(0xf3) ? 'f3 ' : view.has(0xf2) ? 'f2 ' : view.has(OPERAND_SIZE) ? '66 ' : '';
	const key = prefix + view.opcode.toString(16);
	const load = VECTOR_LOADS[key];
	if (load !== undefined) {
		return { name: load[0], operands: [view.vectorReg(), view.vectorRm(load[1])], writes: true };
	}
	const store = VECTOR_STORES[key];
	if (store !== undefined) {
		return { name: store[0], operands: [view.vectorRm(store[1]), view.vectorReg()], writes: true };
	}
	const generalBytes = (view.instruction.rex ?? 0) & 8 ? 8 : 4;
	const name = generalBytes === 8 ? 'movq' : 'movd';
	if (key === '66 6e') return { name, operands: [view.vectorReg(), view.rm(generalBytes)], writes: true };
	if (key === '66 7e') return { name, operands: [view.rm(generalBytes), view.vectorReg()], writes: true };
	return undefined;
}
