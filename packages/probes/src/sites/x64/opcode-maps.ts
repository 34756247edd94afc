/**
 * What follows each opcode, one letter an opcode, sixteen a row (Intel SDM volume 2, appendix A, 64-bit mode):
 *
 *   .  nothing        M  ModRM                 x  nothing we know: a prefix, an escape, no instruction, or a rare one
 *   b  imm8           B  ModRM, imm8           r  rel8
 *   w  imm16          Z  ModRM, imm16/32       R  rel32
 *   z  imm16/32       g  ModRM, imm8 for /0 /1 (group 3)
 *   v  imm16/32/64    G  ModRM, imm16/32 for /0 /1
 *   o  an address     e  imm16, imm8
 */
export type Follows = '.' | 'M' | 'x' | 'b' | 'B' | 'w' | 'z' | 'Z' | 'v' | 'o' | 'e' | 'g' | 'G' | 'r' | 'R';

/** 9b and 8f are left out: a disassembler joins the first with what follows it, the second begins AMD's XOP. */
const ONE_BYTE =
	'MMMMbzxxMMMMbzxx' + // 00 add, or; 0f escape
	'MMMMbzxxMMMMbzxx' + // 10 adc, sbb
	'MMMMbzxxMMMMbzxx' + // 20 and, sub
	'MMMMbzxxMMMMbzxx' + // 30 xor, cmp
	'xxxxxxxxxxxxxxxx' + // 40 REX
	'................' + // 50 push, pop
	'xxxMxxxxzZbB....' + // 60
	'rrrrrrrrrrrrrrrr' + // 70 jcc
	'BZxBMMMMMMMMMMMx' + // 80
	'..........xx....' + // 90
	'oooo....bz......' + // a0
	'bbbbbbbbvvvvvvvv' + // b0 mov
	'BBw.xxBZe.w..bx.' + // c0; c4 and c5 begin VEX
	'MMMMxxx.MMMMMMMM' + // d0 shifts, x87
	'rrrrbbbbRRxr....' + // e0
	'x.xx..gG......MM'; // f0

const TWO_BYTES =
	'MMMMx.....x.xM.x' + // 00
	'MMMMMMMMMMMMMMMM' + // 10
	'xxxxxxxxMMMMMMMM' + // 20
	'......x.xxxxxxxx' + // 30; 38 and 3a escape
	'MMMMMMMMMMMMMMMM' + // 40 cmovcc
	'MMMMMMMMMMMMMMMM' + // 50
	'MMMMMMMMMMMMMMMM' + // 60
	'BBBBMMM.xxxxMMMM' + // 70
	'RRRRRRRRRRRRRRRR' + // 80 jcc
	'MMMMMMMMMMMMMMMM' + // 90 setcc
	'...MBMxx...MBMMM' + // a0
	'MMMMMMMMMxBMMMMM' + // b0
	'MMBMBBBM........' + // c0
	'MMMMMMMMMMMMMMMM' + // d0
	'MMMMMMMMMMMMMMMM' + // e0
	'MMMMMMMMMMMMMMMx'; // f0

/** One-byte opcodes, and those behind 0f, 0f 38 and 0f 3a. */
export type OpcodeMap = '' | '0f' | '0f38' | '0f3a';

export function followsOf(map: OpcodeMap, opcode: number): Follows {
	if (map === '0f38') return 'M';
	if (map === '0f3a') return 'B';
	return (map === '' ? ONE_BYTE : TWO_BYTES)[opcode] as Follows;
}
