import type { Instruction } from './decode';
import { type Form, OPERAND_SIZE, type Operand, RAX, RBP, RSP, View } from './operands';
import { vectorForm } from './vector-forms';

const ALU = ['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp'] as const;
const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'] as const;
/** Segments other than fs and gs, and 32-bit addresses: nothing that a function begins with. */
const ODD_PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x67]);

/** The meaning of an instruction, or undefined: compilers use few of those there are at the start of a function. */
export function formOf(instruction: Instruction): Form | undefined {
	if (instruction.vex || instruction.prefixes.some((prefix) => ODD_PREFIXES.has(prefix))) return undefined;
	const view = new View(instruction);
	// Compilers write both only into code that a linker will patch.
	if (view.bytes === 8 && view.has(OPERAND_SIZE) && instruction.map === '') return undefined;
	if (instruction.map === '') return view.hasRepeat || view.hasLock ? oneByteRepeated(view) : oneByte(view);
	if (instruction.map === '0f') return view.hasLock ? undefined : twoBytes(view);
	return undefined;
}

/** With F2 or F3 most mean something else; the `ret` that old processors like better is known. */
function oneByteRepeated(view: View): Form | undefined {
	return view.opcode === 0xc3 && view.has(0xf3) && !view.hasLock
		? { name: 'repz ret', operands: [], writes: false, flow: 'end' }
		: undefined;
}

function oneByte(view: View): Form | undefined {
	const { opcode } = view;
	if (opcode < 0x40) return arithmetic(view);
	const condition = CONDITIONS[opcode & 15] as string;
	switch (opcode >> 3) {
		case 0x50 >> 3:
			return view.bytes === 2 ? undefined : push(view.opcodeRegister(8));
		case 0x58 >> 3:
			return view.bytes === 2
				? undefined
				: { name: 'pop', operands: [view.opcodeRegister(8)], writes: true, pushes: -8 };
		case 0x70 >> 3:
		case 0x78 >> 3:
			return { name: `j${condition}`, operands: [view.target()], writes: false, flow: 'branch' };
		case 0xb0 >> 3:
			return { name: 'mov', operands: [view.opcodeRegister(1), view.immediate(1)], writes: true };
		case 0xb8 >> 3:
			return {
				name: view.bytes === 8 ? 'movabs' : 'mov',
				operands: [view.opcodeRegister(view.bytes), view.immediate()],
				writes: true,
			};
	}
	switch (opcode) {
		case 0x63:
			return view.bytes === 8 ? { name: 'movslq', operands: [view.reg(), view.rm(4)], writes: true } : undefined;
		case 0x68:
		case 0x6a:
			return view.bytes === 2 ? undefined : push(view.immediate(8));
		case 0x69:
		case 0x6b:
			return { name: 'imul', operands: [view.reg(), view.rm(), view.immediate()], writes: true };
		case 0x80:
			return arithmeticForm(view.group, [view.rm(1), view.immediate(1)]);
		case 0x81:
		case 0x83:
			return arithmeticForm(view.group, [view.rm(), view.immediate()]);
		case 0x84:
			return { name: 'test', operands: [view.rm(1), view.reg(1)], writes: false };
		case 0x85:
			return { name: 'test', operands: [view.rm(), view.reg()], writes: false };
		case 0x88:
			return { name: 'mov', operands: [view.rm(1), view.reg(1)], writes: true };
		case 0x89:
			return { name: 'mov', operands: [view.rm(), view.reg()], writes: true };
		case 0x8a:
			return { name: 'mov', operands: [view.reg(1), view.rm(1)], writes: true };
		case 0x8b:
			return { name: 'mov', operands: [view.reg(), view.rm()], writes: true };
		case 0x8d:
			return view.isRegisterForm ? undefined : { name: 'lea', operands: [view.reg(), view.rm()], writes: true };
		case 0x90:
			// With REX.B it is an exchange of two registers.
			return view.instruction.rex === undefined && view.instruction.prefixes.every((prefix) => prefix === OPERAND_SIZE)
				? { name: view.bytes === 2 ? 'xchg %ax,%ax' : 'nop', operands: [], writes: false }
				: undefined;
		case 0x98:
			return view.bytes === 2
				? undefined
				: { name: view.bytes === 8 ? 'cltq' : 'cwtl', operands: [], writes: false, alsoWrites: [RAX] };
		case 0xa8:
			return { name: 'test', operands: [accumulator(1), view.immediate(1)], writes: false };
		case 0xa9:
			return { name: 'test', operands: [accumulator(view.bytes), view.immediate()], writes: false };
		case 0xc0:
			return shift(view, view.rm(1), [view.immediate(1)]);
		case 0xc1:
			return shift(view, view.rm(), [view.immediate(1)]);
		case 0xd1:
			return shift(view, view.rm(), []);
		case 0xc3:
			return { name: 'ret', operands: [], writes: false, flow: 'end' };
		case 0xc6:
			return { name: 'mov', operands: [view.rm(1), view.immediate(1)], writes: true };
		case 0xc7:
			return { name: 'mov', operands: [view.rm(), view.immediate()], writes: true };
		case 0xc9:
			return { name: 'leave', operands: [], writes: false, alsoWrites: [RSP, RBP] };
		case 0xe8:
			return { name: 'call', operands: [view.target()], writes: false, flow: 'branch' };
		case 0xe9:
		case 0xeb:
			return { name: 'jmp', operands: [view.target()], writes: false, flow: 'end' };
		case 0xf6:
			return unary(view, view.rm(1), 1);
		case 0xf7:
			return unary(view, view.rm(), view.bytes);
		case 0xff:
			return indirect(view);
		default:
			return undefined;
	}
}

function arithmetic(view: View): Form | undefined {
	const operation = view.opcode >> 3;
	switch (view.opcode & 7) {
		case 0:
			return arithmeticForm(operation, [view.rm(1), view.reg(1)]);
		case 1:
			return arithmeticForm(operation, [view.rm(), view.reg()]);
		case 2:
			return arithmeticForm(operation, [view.reg(1), view.rm(1)]);
		case 3:
			return arithmeticForm(operation, [view.reg(), view.rm()]);
		case 4:
			return arithmeticForm(operation, [accumulator(1), view.immediate(1)]);
		case 5:
			return arithmeticForm(operation, [accumulator(view.bytes), view.immediate()]);
		default:
			return undefined;
	}
}

function arithmeticForm(operation: number, operands: readonly Operand[]): Form {
	const name = ALU[operation] as string;
	return { name, operands, writes: name !== 'cmp' };
}

function accumulator(bytes: 1 | 2 | 4 | 8): Operand {
	return { type: 'register', register: RAX, bytes };
}

function push(operand: Operand): Form {
	return { name: 'push', operands: [operand], writes: false, pushes: 8 };
}

function shift(view: View, operand: Operand, count: readonly Operand[]): Form | undefined {
	const name = { 4: 'shl', 5: 'shr', 7: 'sar' }[view.group];
	return name === undefined ? undefined : { name, operands: [operand, ...count], writes: true };
}

function unary(view: View, operand: Operand, bytes: 1 | 2 | 4 | 8): Form | undefined {
	switch (view.group) {
		case 0:
			return { name: 'test', operands: [operand, view.immediate(bytes)], writes: false };
		case 2:
			return { name: 'not', operands: [operand], writes: true };
		case 3:
			return { name: 'neg', operands: [operand], writes: true };
		default:
			return undefined;
	}
}

function indirect(view: View): Form | undefined {
	switch (view.group) {
		case 0:
			return { name: 'inc', operands: [view.rm()], writes: true };
		case 1:
			return { name: 'dec', operands: [view.rm()], writes: true };
		case 2:
			return view.bytes === 2 ? undefined : { name: 'call *', operands: [view.rm(8)], writes: false, flow: 'branch' };
		case 4:
			return view.bytes === 2 ? undefined : { name: 'jmp *', operands: [view.rm(8)], writes: false, flow: 'end' };
		case 6:
			return view.bytes === 2 ? undefined : push(view.rm(8));
		default:
			return undefined;
	}
}

function twoBytes(view: View): Form | undefined {
	const { opcode } = view;
	const vector = vectorForm(view);
	if (vector !== undefined) return vector;
	if (opcode === 0x1e) {
		const { rm, reg } = view.instruction;
		const isEndbr64 = view.has(0xf3) && reg === 7 && rm !== undefined && 'register' in rm && rm.register === 2;
		return isEndbr64 ? { name: 'endbr64', operands: [], writes: false } : undefined;
	}
	if (view.hasRepeat) return undefined;
	const condition = CONDITIONS[opcode & 15] as string;
	switch (opcode >> 4) {
		case 4:
			return { name: `cmov${condition}`, operands: [view.reg(), view.rm()], writes: true };
		case 8:
			return { name: `j${condition}`, operands: [view.target()], writes: false, flow: 'branch' };
		case 9:
			return { name: `set${condition}`, operands: [view.rm(1)], writes: true };
	}
	switch (opcode) {
		case 0x0b:
			return { name: 'ud2', operands: [], writes: false, flow: 'end' };
		case 0x1f:
			return view.group === 0 ? { name: 'nop', operands: [view.rm()], writes: false } : undefined;
		case 0xaf:
			return { name: 'imul', operands: [view.reg(), view.rm()], writes: true };
		case 0xb6:
			return { name: 'movzb', operands: [view.reg(), view.rm(1)], writes: true };
		case 0xb7:
			return { name: 'movzw', operands: [view.reg(), view.rm(2)], writes: true };
		case 0xbe:
			return { name: 'movsb', operands: [view.reg(), view.rm(1)], writes: true };
		case 0xbf:
			return { name: 'movsw', operands: [view.reg(), view.rm(2)], writes: true };
		default:
			return undefined;
	}
}
