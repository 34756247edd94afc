import { type Follows, followsOf, type OpcodeMap } from './opcode-maps';

/** The longest instruction there is (Intel SDM volume 2, 2.3.11). */
const MAX_LENGTH = 15;

/** The operand that ModRM, SIB and displacement describe: a register, or memory. */
export type ModRmOperand =
	| { readonly register: number }
	| {
			/** `rip` for an address relative to the next instruction; absent in an absolute one. */
			readonly base?: number | 'rip' | undefined;
			readonly index?: number | undefined;
			readonly scale: 1 | 2 | 4 | 8;
			readonly displacement: number;
			/** Bytes the displacement takes in the code: an explicit 0 is written out by disassemblers. */
			readonly displacementBytes: 0 | 1 | 4;
	  };

/** One instruction, taken apart as far as its encoding goes. */
export interface Instruction {
	/** Bytes from the start of the code. */
	readonly offset: number;
	readonly length: number;
	readonly map: OpcodeMap;
	readonly opcode: number;
	/** Legacy prefixes in their order; REX is not among them. */
	readonly prefixes: readonly number[];
	/** 0x40 to 0x4f, or undefined. */
	readonly rex: number | undefined;
	/** VEX and EVEX instructions share opcodes with others, and mean something else. */
	readonly vex: boolean;
	/** The middle field of ModRM, extended by REX.R; undefined without ModRM. */
	readonly reg: number | undefined;
	readonly rm: ModRmOperand | undefined;
	/** Immediate operand or distance of a branch, sign-extended. A 64-bit one is exact as its bit pattern, unsigned. */
	readonly immediate: bigint | undefined;
}

const LEGACY_PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);
const ADDRESS_SIZE = 0x67;
const OPERAND_SIZE = 0x66;

/**
 * Takes apart the instruction at a place of x86-64 code.
 *
 * @returns undefined where the code ends too early or is nothing that we know for certain
 */
export function decode(code: Uint8Array, offset: number): Instruction | undefined {
	const reader = new Reader(code, offset);
	const instruction = read(reader, offset);
	return reader.ranOut || reader.at - offset > MAX_LENGTH ? undefined : instruction;
}

function read(reader: Reader, offset: number): Instruction | undefined {
	const prefixes: number[] = [];
	while (LEGACY_PREFIXES.has(reader.peek())) prefixes.push(reader.byte());
	const rex = (reader.peek() & 0xf0) === 0x40 ? reader.byte() : undefined;
	const head = readOpcode(reader, rex, prefixes);
	if (head === undefined) return undefined;
	const { map, opcode, vex, extension } = head;
	const follows = followsOf(map, opcode);
	if (follows === 'x' || (vex && !isVexOpcode(map, opcode, follows))) return undefined;
	// Processors disagree on a relative branch with this prefix.
	if ((follows === 'r' || follows === 'R') && prefixes.includes(OPERAND_SIZE)) return undefined;
	const hasModRm = 'MBZgG'.includes(follows);
	const modRm = hasModRm ? readModRm(reader, extension) : undefined;
	// mov is the only one of its group; the others are xabort and xbegin, a branch.
	if (!vex && map === '' && (opcode === 0xc6 || opcode === 0xc7) && ((modRm?.reg ?? 0) & 7) !== 0) return undefined;
	const immediate = readImmediate(reader, follows, {
		wide: (extension & 8) !== 0,
		narrow: prefixes.includes(OPERAND_SIZE),
		shortAddress: prefixes.includes(ADDRESS_SIZE),
		group3Test: ((modRm?.reg ?? 0) & 7) < 2,
	});
	return {
		offset,
		length: reader.at - offset,
		map,
		opcode,
		prefixes,
		rex,
		vex,
		reg: modRm?.reg,
		rm: modRm?.rm,
		immediate,
	};
}

const VZEROUPPER = 0x77;

function isVexOpcode(map: OpcodeMap, opcode: number, follows: Follows): boolean {
	return follows === 'M' || follows === 'B' || (map === '0f' && opcode === VZEROUPPER);
}

interface Head {
	readonly map: OpcodeMap;
	readonly opcode: number;
	readonly vex: boolean;
	/** W, R, X and B as in the lower half of REX. */
	readonly extension: number;
}

function readOpcode(reader: Reader, rex: number | undefined, prefixes: readonly number[]): Head | undefined {
	const extension = (rex ?? 0) & 0xf;
	const first = reader.byte();
	const isVex = first === 0xc4 || first === 0xc5 || first === 0x62;
	if (isVex) {
		// With these before it the instruction is an illegal one.
		if (rex !== undefined || prefixes.some((prefix) => [0x66, 0xf0, 0xf2, 0xf3].includes(prefix))) return undefined;
		return readVex(reader, first);
	}
	if (first !== 0x0f) return { map: '', opcode: first, vex: false, extension };
	const second = reader.byte();
	if (second === 0x38 || second === 0x3a) {
		return { map: second === 0x38 ? '0f38' : '0f3a', opcode: reader.byte(), vex: false, extension };
	}
	return { map: '0f', opcode: second, vex: false, extension };
}

const VEX_MAPS: Readonly<Record<number, OpcodeMap>> = { 1: '0f', 2: '0f38', 3: '0f3a' };

function readVex(reader: Reader, first: number): Head | undefined {
	const second = reader.byte();
	let map: OpcodeMap | undefined = '0f';
	let extension = second & 0x80 ? 0 : 4;
	if (first !== 0xc5) {
		extension |= (second & 0x40 ? 0 : 2) | (second & 0x20 ? 0 : 1);
		map = VEX_MAPS[first === 0xc4 ? second & 0x1f : second & 0xf];
		const third = reader.byte();
		extension |= third & 0x80 ? 8 : 0;
		// EVEX: a bit that is always set, then a fourth byte.
		if (first === 0x62 && (third & 0x04) === 0) return undefined;
		if (first === 0x62) reader.byte();
	}
	if (map === undefined) return undefined;
	return { map, opcode: reader.byte(), vex: true, extension };
}

function readModRm(reader: Reader, extension: number): { reg: number; rm: ModRmOperand } {
	const modRm = reader.byte();
	const mod = modRm >> 6;
	const reg = ((modRm >> 3) & 7) | (extension & 4 ? 8 : 0);
	const highBase = extension & 1 ? 8 : 0;
	const low = modRm & 7;
	if (mod === 3) return { reg, rm: { register: low | highBase } };
	let base: number | 'rip' | undefined = low | highBase;
	let index: number | undefined;
	let scale: 1 | 2 | 4 | 8 = 1;
	let isAbsolute = false;
	if (low === 4) {
		const sib = reader.byte();
		const indexField = ((sib >> 3) & 7) | (extension & 2 ? 8 : 0);
		index = indexField === 4 ? undefined : indexField;
		scale = (1 << (sib >> 6)) as typeof scale;
		base = (sib & 7) | highBase;
		isAbsolute = (sib & 7) === 5 && mod === 0;
		if (isAbsolute) base = undefined;
	} else if (low === 5 && mod === 0) base = 'rip';
	const displacementBytes = mod === 1 ? 1 : mod === 2 || base === 'rip' || isAbsolute ? 4 : 0;
	const displacement = Number(reader.signed(displacementBytes));
	return { reg, rm: { base, index, scale, displacement, displacementBytes } };
}

function readImmediate(
	reader: Reader,
	follows: Follows,
	{
		wide,
		narrow,
		shortAddress,
		group3Test,
	}: Readonly<Record<'wide' | 'narrow' | 'shortAddress' | 'group3Test', boolean>>,
): bigint | undefined {
	const full = narrow && !wide ? 2 : 4;
	switch (follows) {
		case 'b':
		case 'B':
		case 'r':
			return reader.signed(1);
		case 'R':
			return reader.signed(4);
		case 'w':
			return reader.signed(2);
		case 'z':
		case 'Z':
			return reader.signed(full);
		case 'v':
			return wide ? BigInt.asUintN(64, reader.signed(8)) : reader.signed(full);
		case 'o':
			return BigInt.asUintN(64, reader.signed(shortAddress ? 4 : 8));
		case 'e':
			return reader.signed(3);
		case 'g':
			return group3Test ? reader.signed(1) : undefined;
		case 'G':
			return group3Test ? reader.signed(full) : undefined;
		default:
			return undefined;
	}
}

class Reader {
	at: number;
	ranOut = false;
	readonly #code: Uint8Array;

	constructor(code: Uint8Array, at: number) {
		this.#code = code;
		this.at = at;
	}

	peek(): number {
		return this.#code[this.at] ?? 0;
	}

	byte(): number {
		const value = this.#code[this.at++];
		if (value === undefined) this.ranOut = true;
		return value ?? 0;
	}

	/** A little-endian number of so many bytes, sign-extended. */
	signed(bytes: number): bigint {
		let value = 0n;
		for (let i = 0; i < bytes; i++) value |= BigInt(this.byte()) << BigInt(8 * i);
		return BigInt.asIntN(8 * bytes, value);
	}
}
