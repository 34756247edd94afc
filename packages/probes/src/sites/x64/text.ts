import type { Instruction } from './decode';
import type { Form, Operand } from './operands';

const REGISTERS = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'] as const;
const BYTE_REGISTERS = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'] as const;
const HIGH_REGISTERS = ['ah', 'ch', 'dh', 'bh'] as const;
const SUFFIXES: Readonly<Record<number, string>> = { 1: 'b', 2: 'w', 4: 'l', 8: 'q' };
/** These name the size of what they read, and take the suffix of what they write. */
const EXTENDING = new Set(['movzb', 'movsb', 'movzw', 'movsw']);
const FS = 0x64;
const GS = 0x65;

/**
 * An instruction as binutils writes it (AT&T syntax), but for the targets of branches: those count from the start of
 * the function. Without a form, its bytes.
 */
export function textOf(instruction: Instruction, form: Form | undefined, code: Uint8Array): string {
	if (form === undefined) {
		const bytes = code.subarray(instruction.offset, instruction.offset + instruction.length);
		return `(${Buffer.from(bytes)
			.toString('hex')
			.replace(/..(?=.)/g, '$& ')})`;
	}
	const { name, operands } = form;
	const segment = instruction.prefixes.includes(FS) ? '%fs:' : instruction.prefixes.includes(GS) ? '%gs:' : '';
	const written = operands.map((operand) => operandText(operand, segment)).reverse();
	// `call *` takes its operand without a gap.
	if (name.endsWith('*')) return name + written.join(',');
	return [name + suffixOf(name, operands), written.join(',')].join(' ').trimEnd();
}

function suffixOf(name: string, operands: readonly Operand[]): string {
	const sizes = operands.flatMap((operand) => (operand.type === 'register' ? [operand.bytes] : []));
	if (EXTENDING.has(name)) return SUFFIXES[sizes[0] ?? 0] ?? '';
	const memory = operands.find((operand) => operand.type === 'address');
	const saysItself =
		sizes.length > 0 || memory === undefined || name === 'push' || operands.some(({ type }) => type === 'vector');
	return saysItself || name.startsWith('set') ? '' : (SUFFIXES[memory.bytes] ?? '');
}

function operandText(operand: Operand, segment: string): string {
	switch (operand.type) {
		case 'register':
			return registerText(operand.register, operand.bytes, operand.high ?? false);
		case 'vector':
			return `%xmm${operand.register}`;
		case 'immediate':
			return `$0x${operand.value.toString(16)}`;
		case 'target':
			return operand.offset < 0 ? `-0x${(-operand.offset).toString(16)}` : `+0x${operand.offset.toString(16)}`;
		case 'address':
			return segment + addressText(operand.address);
	}
}

function addressText({
	base,
	index,
	scale,
	displacement,
	displacementBytes,
}: (Operand & { type: 'address' })['address']): string {
	if (base === undefined && index === undefined) return `0x${BigInt.asUintN(64, BigInt(displacement)).toString(16)}`;
	const sign = displacement < 0 ? '-' : '';
	const shown = displacementBytes === 0 ? '' : `${sign}0x${Math.abs(displacement).toString(16)}`;
	const baseText = base === undefined ? '' : base === 'rip' ? '%rip' : registerText(base, 8, false);
	return `${shown}(${baseText}${index === undefined ? '' : `,${registerText(index, 8, false)},${scale}`})`;
}

function registerText(register: number, bytes: 1 | 2 | 4 | 8, isHigh: boolean): string {
	if (isHigh) return `%${HIGH_REGISTERS[register]}`;
	if (register >= 8) return `%r${register}${{ 1: 'b', 2: 'w', 4: 'd', 8: '' }[bytes]}`;
	if (bytes === 1) return `%${BYTE_REGISTERS[register]}`;
	return `%${{ 2: '', 4: 'e', 8: 'r' }[bytes]}${REGISTERS[register]}`;
}
