import type { Instruction, ModRmOperand } from './decode';

/** A general register by its number, 0 to 15: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 … */
export type Register = number;

export type Operand =
	| { readonly type: 'register'; readonly register: Register; readonly bytes: 1 | 2 | 4 | 8; readonly high?: boolean }
	| { readonly type: 'vector'; readonly register: number }
	| { readonly type: 'address'; readonly address: Exclude<ModRmOperand, { register: number }>; readonly bytes: number }
	| { readonly type: 'immediate'; readonly value: bigint }
	/** Where a branch goes, in bytes from the start of the code. */
	| { readonly type: 'target'; readonly offset: number };

/** An instruction that we know the meaning of. */
export interface Form {
	/** Mnemonic in AT&T syntax, without the suffix for the operand size. */
	readonly name: string;
	/** In Intel's order: the destination, if there is one, comes first. */
	readonly operands: readonly Operand[];
	/** Whether it writes its first operand. */
	readonly writes: boolean;
	/** Registers written beside it. */
	readonly alsoWrites?: readonly Register[];
	/** What comes next: the instruction behind it, maybe another, certainly another. */
	readonly flow?: 'branch' | 'end';
	/** Bytes it moves the stack pointer down by. */
	readonly pushes?: number;
}

export const RAX = 0;
export const RDX = 2;
export const RSP = 4;
export const RBP = 5;

/** The prefix that makes operands 16 bits wide. */
export const OPERAND_SIZE = 0x66;

/** An instruction's fields as operands. */
export class View {
	readonly instruction: Instruction;
	readonly opcode: number;
	readonly bytes: 2 | 4 | 8;

	constructor(instruction: Instruction) {
		this.instruction = instruction;
		this.opcode = instruction.opcode;
		this.bytes = (instruction.rex ?? 0) & 8 ? 8 : this.has(OPERAND_SIZE) ? 2 : 4;
	}

	has(prefix: number): boolean {
		return this.instruction.prefixes.includes(prefix);
	}

	get hasLock(): boolean {
		return this.has(0xf0);
	}

	get hasRepeat(): boolean {
		return this.has(0xf2) || this.has(0xf3);
	}

	/** The 3-bit field that selects an instruction of a group. */
	get group(): number {
		return (this.instruction.reg ?? 0) & 7;
	}

	get isRegisterForm(): boolean {
		return this.instruction.rm !== undefined && 'register' in this.instruction.rm;
	}

	/** The register in the low bits of the opcode. */
	opcodeRegister(bytes: 1 | 2 | 4 | 8): Operand {
		return this.#register((this.opcode & 7) | ((this.instruction.rex ?? 0) & 1 ? 8 : 0), bytes);
	}

	reg(bytes: 1 | 2 | 4 | 8 = this.bytes): Operand {
		return this.#register(this.instruction.reg ?? 0, bytes);
	}

	rm(bytes: 1 | 2 | 4 | 8 = this.bytes): Operand {
		const { rm } = this.instruction;
		if (rm === undefined) throw new TypeError('an instruction with an operand in ModRM has none');
		return 'register' in rm ? this.#register(rm.register, bytes) : { type: 'address', address: rm, bytes };
	}

	vectorReg(): Operand {
		return { type: 'vector', register: this.instruction.reg ?? 0 };
	}

	vectorRm(bytes: number): Operand {
		const { rm } = this.instruction;
		if (rm === undefined) throw new TypeError('an instruction with an operand in ModRM has none');
		return 'register' in rm ? { type: 'vector', register: rm.register } : { type: 'address', address: rm, bytes };
	}

	/** The immediate operand as a number of so many bytes. */
	immediate(bytes: 1 | 2 | 4 | 8 = this.bytes): Operand {
		return { type: 'immediate', value: BigInt.asUintN(8 * bytes, this.instruction.immediate ?? 0n) };
	}

	target(): Operand {
		const { offset, length, immediate = 0n } = this.instruction;
		return { type: 'target', offset: offset + length + Number(immediate) };
	}

	/** Without REX, numbers 4 to 7 of a byte register are ah, ch, dh and bh. */
	#register(register: Register, bytes: 1 | 2 | 4 | 8): Operand {
		const isHigh = bytes === 1 && this.instruction.rex === undefined && register >= 4 && register < 8;
		return isHigh
			? { type: 'register', register: register - 4, bytes, high: true }
			: { type: 'register', register, bytes };
	}
}
