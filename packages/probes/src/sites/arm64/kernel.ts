import type { Treatment } from '../treatment';

type Encoding = readonly [mask: number, value: number, name: string];

/** Instructions that need their own address: the kernel does them itself (arch/arm64/kernel/probes/simulate-insn.c). */
const SIMULATED: readonly Encoding[] = [
	[0x9f000000, 0x10000000, 'adr'],
	[0x9f000000, 0x90000000, 'adrp'],
	[0xfc000000, 0x14000000, 'b'],
	[0xfc000000, 0x94000000, 'bl'],
	[0xff000010, 0x54000000, 'b.cond'],
	[0x7f000000, 0x34000000, 'cbz'],
	[0x7f000000, 0x35000000, 'cbnz'],
	[0x7f000000, 0x36000000, 'tbz'],
	[0x7f000000, 0x37000000, 'tbnz'],
	[0xfffffc1f, 0xd61f0000, 'br'],
	[0xfffffc1f, 0xd63f0000, 'blr'],
	[0xfffffc1f, 0xd65f0000, 'ret'],
	[0xff000000, 0x18000000, 'ldr (literal)'],
	[0xff000000, 0x58000000, 'ldr (literal)'],
	[0xff000000, 0x98000000, 'ldrsw (literal)'],
];

/** Hints that can run in a copy, those that a function may begin with; of the others none does. */
const STEPPED_HINTS: readonly Encoding[] = [
	[0xffffffff, 0xd503201f, 'nop'],
	[0xffffffff, 0xd503233f, 'paciasp'],
	[0xffffffff, 0xd503237f, 'pacibsp'],
	[0xffffffff, 0xd503245f, 'bti c'],
	[0xffffffff, 0xd50324df, 'bti jc'],
];

/** What cannot run in a copy (aarch64_insn_is_steppable in arch/arm64/kernel/probes/decode-insn.c). */
const REFUSED: readonly Encoding[] = [
	[0xff000000, 0xd4000000, 'an exception'],
	[0x3f000000, 0x08000000, 'an exclusive access'],
	[0x3b000000, 0x18000000, 'a load of a literal'],
	[0xfff8f01f, 0xd500401f, 'a write to a system register'],
	[0xfff00000, 0xd5100000, 'a write to a system register'],
	[0xfffff01f, 0xd503201f, 'a hint'],
	[0xfe000000, 0xd6000000, 'a branch'],
];

/** What the kernel does with a probed instruction, and its name, or its word where it has none here. */
export function describeArm64(instruction: number): { readonly treatment: Treatment; readonly text: string } {
	const simulated = nameIn(SIMULATED, instruction);
	if (simulated !== undefined) return { treatment: 'emulated', text: simulated };
	const hint = nameIn(STEPPED_HINTS, instruction);
	if (hint !== undefined) return { treatment: 'stepped', text: hint };
	const refused = nameIn(REFUSED, instruction);
	if (refused !== undefined) return { treatment: 'never', text: refused };
	return { treatment: 'stepped', text: `(${instruction.toString(16).padStart(8, '0')})` };
}

function nameIn(table: readonly Encoding[], instruction: number): string | undefined {
	return table.find(([mask, value]) => (instruction & mask) >>> 0 === value)?.[2];
}
