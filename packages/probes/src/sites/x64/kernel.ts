import type { Treatment } from '../treatment';
import type { Instruction } from './decode';
import type { Form } from './operands';

export interface KernelSkills {
	/** Nops of 2 to 8 bytes: from 6.18 on they are emulated, and those of 5 bytes turned into a call. */
	readonly longNops: Treatment;
}

const CALL = 0xe8;

/** The nops of 2 to 8 bytes that processor manuals recommend: all that the kernel takes for one. */
const LONG_NOPS = new Set([
	'6690',
	'0f1f00',
	'0f1f4000',
	'0f1f440000',
	'660f1f440000',
	'0f1f8000000000',
	'0f1f840000000000',
]);

/**
 * What the kernel does with a probed instruction (arch/x86/kernel/uprobes.c), tried on 6.18 where it was not plain.
 *
 * It looks at opcode bytes without a thought for VEX (`vpsubsb` is taken for a call) and takes `xchg %r8,%rax` for a nop:
 * an instruction without a {@link Form} is never probed.
 */
export function treatmentOf(
	instruction: Instruction,
	form: Form | undefined,
	code: Uint8Array,
	{ longNops, atEntrance }: KernelSkills & { readonly atEntrance: boolean },
): Treatment {
	if (form === undefined || form.name === 'ud2') return 'never';
	const { map, opcode, prefixes, rex, offset, length } = instruction;
	const isPlain = prefixes.length === 0 && rex === undefined;
	const isPush = map === '' && opcode >= 0x50 && opcode <= 0x57;
	// A REX other than that of r8 to r15 makes it step; compilers write none.
	if (isPush) return prefixes.length === 0 && (rex === undefined || rex === 0x41) ? 'emulated' : 'stepped';
	// The return address of an emulated call is missing from a shadow stack.
	if (map === '' && opcode === CALL) return 'never';
	if (branchTarget(instruction) !== undefined) return isPlain ? 'emulated' : 'never';
	if (map === '' && opcode === 0x90 && isPlain) return 'emulated';
	if (form.name === 'nop' || opcode === 0x90) {
		// The call that some become writes below the stack pointer, which is free for that at a function's entrance only.
		if (!atEntrance) return 'never';
		const bytes = Buffer.from(code.subarray(offset, offset + length)).toString('hex');
		return LONG_NOPS.has(bytes) || length === 5 ? longNops : 'stepped';
	}
	return 'stepped';
}

/** Where a jump, conditional or not, or a call goes, in bytes from the start of the code; undefined for all others. */
export function branchTarget({ map, opcode, vex, offset, length, immediate }: Instruction): number | undefined {
	if (vex || immediate === undefined) return undefined;
	const isNear =
		map === '' && (isBetween(opcode, 0x70, 0x7f) || isBetween(opcode, 0xe0, 0xe3) || isBetween(opcode, 0xe8, 0xeb));
	const isLong = map === '0f' && isBetween(opcode, 0x80, 0x8f);
	return isNear || isLong ? offset + length + Number(immediate) : undefined;
}

function isBetween(value: number, first: number, last: number): boolean {
	return value >= first && value <= last;
}
