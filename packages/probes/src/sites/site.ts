/** How the kernel gets past the probed instruction, which decides what a hit costs. */
export type SiteClass =
	/** The kernel does the instruction itself: about 1 us a hit on the machine measured. */
	| 'emulated'
	/** The instruction runs alone in a copy: 11 to 17 us a hit there. */
	| 'stepped';

/** Where the probes of one function go. */
export interface ProbeSite {
	/** Bytes from the start of the function. */
	readonly offset: number;
	readonly siteClass: SiteClass;
	/** How far the stack pointer has moved from the function's entry: 0 wherever we probe. */
	readonly stackShiftBytes: 0;
}

const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];
const NOP5 = [0x0f, 0x1f, 0x44, 0x00, 0x00];

/**
 * Chooses the instruction to probe from a function's first bytes. Only two places are ever used, the start and
 * directly after `endbr64`: there the stack pointer still points at the return address, so that return probes are safe
 * and stack arguments are where the calling convention says. Deeper, a return probe hangs its target and a
 * 5-byte nop corrupts the red zone (measured on Linux 6.18).
 */
export function chooseSite(code: Uint8Array, architecture: string = process.arch): ProbeSite {
	// arm64: the start of the function, before any instruction signs or stores the return address.
	if (architecture !== 'x64') return { offset: 0, siteClass: 'stepped', stackShiftBytes: 0 };
	const offset = startsWith(code, 0, ENDBR64) ? ENDBR64.length : 0;
	return { offset, siteClass: isEmulated(code, offset) ? 'emulated' : 'stepped', stackShiftBytes: 0 };
}

/** Instructions that arch/x86/kernel/uprobes.c emulates: push of a register, nop, relative jmp and call. */
function isEmulated(code: Uint8Array, at: number): boolean {
	const rexAt = code[at] === 0x41 ? at + 1 : at;
	const opcode = code[rexAt] ?? 0;
	if (opcode >= 0x50 && opcode <= 0x57) return true;
	if (startsWith(code, at, NOP5)) return true;
	return [0x90, 0xe8, 0xe9, 0xeb].includes(code[at] ?? 0);
}

function startsWith(code: Uint8Array, at: number, bytes: readonly number[]): boolean {
	return bytes.every((byte, i) => code[at + i] === byte);
}
