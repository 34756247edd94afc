import type { Treatment } from '../treatment';
import { decode, type Instruction } from './decode';
import { formOf } from './forms';
import { type KernelSkills, treatmentOf } from './kernel';
import { type Form, type Operand, RDX, type Register, RSP } from './operands';
import { textOf } from './text';

/** An instruction that runs with every call of the function, with all arguments still where the call put them. */
export interface Step {
	readonly offset: number;
	/** As a disassembler writes it. */
	readonly text: string;
	readonly treatment: Treatment;
	/** At the function's start or directly after its `endbr64`: the return address is on top of the stack. */
	readonly atEntrance: boolean;
	/** How far the stack pointer has moved down since the function's entry. */
	readonly stackShiftBytes: number;
}

export interface Prologue {
	readonly steps: readonly Step[];
	/** Why nothing behind the last of them was looked at, for people. */
	readonly end: string;
}

/** rdi, rsi, rdx, rcx, r8, r9: System V AMD64 ABI, 3.2.3. */
const ARGUMENT_REGISTERS: ReadonlySet<Register> = new Set([7, 6, RDX, 1, 8, 9]);
const FS = 0x64;
const GS = 0x65;

/**
 * Reads a function from its start for as long as each instruction certainly runs, once a call, with the arguments
 * untouched: it ends at branches, at a write to a register or memory that may hold an argument, where the stack pointer
 * moves by an unknown amount, and at whatever is not known.
 */
export function readPrologue(code: Uint8Array, skills: KernelSkills): Prologue {
	const steps: Step[] = [];
	let stackShiftBytes = 0;
	for (let at = 0; ; ) {
		const instruction = decode(code, at);
		if (instruction === undefined)
			return { steps, end: at < code.length ? `unknown code at +${at}` : 'the end of the function' };
		const form = formOf(instruction);
		const { length } = instruction;
		const text = textOf(instruction, form, code);
		const atEntrance = at === 0 || (steps.length === 1 && steps[0]?.text === 'endbr64');
		const treatment = treatmentOf(instruction, form, code, { ...skills, atEntrance });
		steps.push({ offset: at, text, treatment, atEntrance, stackShiftBytes });
		const effect = effectOf(instruction, form, stackShiftBytes);
		if ('ends' in effect) return { steps, end: `${text} at +${at} ${effect.ends}` };
		stackShiftBytes += effect.pushes;
		at += length;
	}
}

function effectOf(
	{ prefixes }: Instruction,
	form: Form | undefined,
	stackShiftBytes: number,
): { readonly pushes: number } | { readonly ends: string } {
	if (form === undefined) return { ends: 'is unknown' };
	if (form.flow !== undefined) return { ends: 'goes elsewhere' };
	const written = form.writes ? form.operands[0] : undefined;
	if (written?.type === 'address') {
		const isSegment = prefixes.includes(FS) || prefixes.includes(GS);
		if (isSegment || !isBelowEntry(written, stackShiftBytes)) return { ends: 'writes to memory' };
	}
	const registers = [...(written?.type === 'register' ? [written.register] : []), ...(form.alsoWrites ?? [])];
	if (registers.some((register) => ARGUMENT_REGISTERS.has(register))) return { ends: 'overwrites an argument' };
	if (!registers.includes(RSP)) return checkedShift(form.pushes ?? 0, stackShiftBytes);
	const pushes = form.pushes === undefined ? stackMovement(form) : undefined;
	return pushes === undefined
		? { ends: 'moves the stack by an unknown amount' }
		: checkedShift(pushes, stackShiftBytes);
}

/** Of a stack pointer above that of the entry nothing is known: the function has returned, or it is no C function. */
function checkedShift(pushes: number, before: number): { readonly pushes: number } | { readonly ends: string } {
	return before + pushes < 0 ? { ends: 'leaves the frame' } : { pushes };
}

/** `sub $n,%rsp`, `add $-n,%rsp` and `lea -n(%rsp),%rsp`: how far down. */
function stackMovement({ name, operands: [target, source] }: Form): number | undefined {
	if (target?.type !== 'register' || target.bytes !== 8 || source === undefined) return undefined;
	if (source.type === 'immediate') {
		const amount = Number(BigInt.asIntN(64, source.value));
		return name === 'sub' ? amount : name === 'add' ? -amount : undefined;
	}
	const isStackAddress =
		name === 'lea' && source.type === 'address' && source.address.base === RSP && source.address.index === undefined;
	return isStackAddress ? -source.address.displacement : undefined;
}

/** Whether a write stays within the function's own frame or the red zone below it, where no argument can be. */
function isBelowEntry({ address, bytes }: Operand & { type: 'address' }, stackShiftBytes: number): boolean {
	if (address.base !== RSP || address.index !== undefined) return false;
	return address.displacement - stackShiftBytes + bytes <= 0;
}
