import fc from 'fast-check';

/** Something that a function may begin with: assembler, and by how much it moves the stack pointer down. */
interface Piece {
	readonly text: string;
	readonly pushes?: number;
}

const SCRATCH = ['%rax', '%r10', '%r11'] as const;
const ANY = [...SCRATCH, '%rbx', '%rbp', '%r12', '%r13', '%r14', '%r15', '%rdi', '%rsi', '%rdx', '%r8'] as const;

const piece: fc.Arbitrary<Piece> = fc.oneof(
	{ weight: 3, arbitrary: fc.constantFrom(...ANY).map((register) => ({ text: `push ${register}`, pushes: 8 })) },
	{
		weight: 2,
		arbitrary: fc.integer({ min: 1, max: 40 }).map((n) => ({ text: `sub $${8 * n}, %rsp`, pushes: 8 * n })),
	},
	fc.integer({ min: 1, max: 9 }).map((n) => ({ text: `lea -${8 * n}(%rsp), %rsp`, pushes: 8 * n })),
	fc.constantFrom(...SCRATCH).map((register) => ({ text: `mov %rsp, ${register}` })),
	fc.constantFrom(...SCRATCH).map((register) => ({ text: `lea 0(%rip), ${register}` })),
	fc.constantFrom(...SCRATCH).map((register) => ({ text: `mov %fs:0x28, ${register}` })),
	fc.constantFrom(...SCRATCH).map((register) => ({ text: `xor ${register}, ${register}` })),
	fc
		.constantFrom('test %rdi, %rdi', 'cmp $7, %rsi', 'pxor %xmm0, %xmm0', 'nop', 'nopl 0(%rax)')
		.map((text) => ({ text })),
	fc.constant({ text: '.byte 0x0f, 0x1f, 0x44, 0x00, 0x00' }),
	// The red zone across a nop of 5 bytes; a wrong value there goes into the result.
	fc.constant({
		text: 'mov %rdi, -8(%rsp)\n\t.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\tmov -8(%rsp), %rax\n\tcmp %rdi, %rax\n\tje 1f\n\tud2\n1:',
	}),
	// Branches over and around: taken every time, or never.
	fc
		.constantFrom('jmp 1f\n1:', 'cmp %rdi, %rdi\n\tje 1f\n\tud2\n1:', 'call 1f\n1:\n\tadd $8, %rsp')
		.map((text) => ({ text })),
	// A loop, whose branch comes by three times a call.
	fc.constant({ text: 'mov $3, %r10d\n2:\n\tdec %r10d\n\tjne 2b' }),
	// An argument that is overwritten and put back.
	fc.constant({ text: 'mov %rdi, %r11\n\txor %edi, %edi\n\tmov %r11, %rdi' }),
	// A write to the frame.
	fc.constant({ text: 'sub $16, %rsp\n\tmov %rsi, 8(%rsp)', pushes: 16 }),
);

/** Functions of nine numbers that begin in all sorts of ways, as assembler; always the same ones. */
export function generatedFunctions(count: number): { readonly names: string[]; readonly source: string } {
	const bodies = fc.sample(fc.tuple(fc.boolean(), fc.array(piece, { minLength: 0, maxLength: 7 })), {
		seed: 20251129,
		numRuns: count,
	});
	const names = bodies.map((_, i) => `generated_${i}`);
	const functions = bodies.map(([hasEndbr64, pieces], i) => {
		const shift = pieces.reduce((sum, { pushes = 0 }) => sum + pushes, 0);
		return [
			`\t.globl generated_${i}\n\t.type generated_${i}, @function\ngenerated_${i}:`,
			...(hasEndbr64 ? ['\tendbr64'] : []),
			...pieces.map(({ text }) => `\t${text}`),
			`\tlea ${shift}(%rsp), %rsp\n\tjmp *elsewhere@GOTPCREL(%rip)\n\t.size generated_${i}, . - generated_${i}`,
		].join('\n');
	});
	return { names, source: `\t.text\n${functions.join('\n')}\n\t.section .note.GNU-stack,"",@progbits\n` };
}
