import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSite, type SiteMachine } from './site';

const LINUX_6_18: SiteMachine = { architecture: 'x64', kernelRelease: '6.18.44' };
const LINUX_6_1: SiteMachine = { architecture: 'x64', kernelRelease: '6.1.0-40-amd64' };
const ENTRY = { returns: false, allowStepped: false };
const TIMED = { returns: true, allowStepped: false };
const ANYWHERE = { returns: false, allowStepped: true };

const ENDBR64 = 'f30f1efa';
const NOP5 = '0f1f440000';
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const choose = (hex: string, needs = ENTRY, machine = LINUX_6_18) => chooseSite(bytes(hex), needs, machine);

describe('a probe at the start of a function, entry and return', () => {
	it.each([
		{ code: '55 4889e5', offset: 0, instruction: 'push %rbp' },
		{ code: '4154 55', offset: 0, instruction: 'push %r12' },
		{ code: `${ENDBR64} 55 4889e5`, offset: 4, instruction: 'push %rbp' },
		{ code: `${ENDBR64} 4157`, offset: 4, instruction: 'push %r15' },
		{ code: '90 4883ec18', offset: 0, instruction: 'nop' },
		{ code: 'e912345678', offset: 0, instruction: 'jmp +0x78563417' },
		{ code: `${ENDBR64} eb10`, offset: 4, instruction: 'jmp +0x16' },
	])('sits on $instruction at +$offset', ({ code, offset, instruction }) => {
		const site = { offset, siteClass: 'emulated', stackShiftBytes: 0, instruction };
		expect(choose(code, ENTRY)).toEqual({ site });
		expect(choose(code, TIMED)).toEqual({ site });
		expect(choose(code, TIMED, LINUX_6_1)).toEqual({ site });
	});

	it.each([
		['sub $0x18,%rsp', '4883ec18 55'],
		['mov %rsp,%rax', '4889e0 55'],
		['movabs $0x5919cafebeef,%rax', `${ENDBR64} 48b8efbefeca19590000 55`],
	])('does not time a function that begins with %s, unless told to step it', (instruction, code) => {
		const site = { siteClass: 'stepped', stackShiftBytes: 0, instruction };
		expect(choose(code, TIMED)).toMatchObject({ site, refused: expect.stringContaining(instruction) });
		const stepped = choose(code, { returns: true, allowStepped: true });
		expect(stepped).toMatchObject({ site });
		expect(stepped.refused).toBeUndefined();
	});

	it('sits on a nop of 5 bytes there, where the kernel emulates it', () => {
		for (const [code, offset] of [
			[NOP5, 0],
			[`${ENDBR64} ${NOP5}`, 4],
		] as const) {
			expect(choose(`${code} 31c0 c3`, TIMED)).toMatchObject({ site: { offset, siteClass: 'emulated' } });
			expect(choose(`${code} 31c0 c3`, TIMED, LINUX_6_1).refused).toContain('single-steps nopl');
			expect(choose(`${code} 31c0 c3`, TIMED, { ...LINUX_6_18, longNops: false }).refused).toBeDefined();
		}
		// An older kernel has the push behind it.
		expect(choose(`${NOP5} 55`, ENTRY, LINUX_6_1)).toMatchObject({ site: { offset: 5, instruction: 'push %rbp' } });
	});
});

describe('a probe deeper in a prologue', () => {
	it.each([
		{ what: 'behind a frame', code: `${ENDBR64} 4883ec18 53`, offset: 8, stackShiftBytes: 0x18 },
		{ what: 'behind a frame of 32 bits', code: '4881ec00010000 55', offset: 7, stackShiftBytes: 0x100 },
		{ what: 'behind lea for a frame', code: '488d6424e0 55', offset: 5, stackShiftBytes: 0x20 },
		{ what: 'behind a pushed number', code: '6a05 55', offset: 2, stackShiftBytes: 8 },
		{ what: 'behind a copy of the stack pointer', code: '4889e0 55', offset: 3, stackShiftBytes: 0 },
		{
			what: 'behind a load and a saved register',
			code: '488b05 00100000 48895c24f8 53',
			offset: 12,
			stackShiftBytes: 0,
		},
		{
			what: 'behind the stack protector',
			code: '4883ec18 64488b042528000000 4889442408 e900100000',
			offset: 18,
			stackShiftBytes: 0x18,
		},
		{ what: 'on a branch that it may take', code: '4885ff 7410', offset: 3, stackShiftBytes: 0 },
		{ what: 'behind a nop of 5 bytes', code: `4889e0 ${NOP5} 55`, offset: 8, stackShiftBytes: 0 },
	])('sits $what', ({ code, offset, stackShiftBytes }) => {
		expect(choose(code)).toMatchObject({ site: { offset, stackShiftBytes, siteClass: 'emulated' } });
		expect(choose(code).refused).toBeUndefined();
	});

	it.each([
		{ what: 'a write to an argument', code: '31ff 55', because: 'xor %edi,%edi at +0 overwrites an argument' },
		{ what: 'a write to half of one', code: 'b501 55', because: 'mov $0x1,%ch at +0 overwrites an argument' },
		{ what: 'a write to the caller’s stack', code: '4889442408 55', because: 'writes to memory' },
		{ what: 'a write over the return address', code: '48890424 55', because: 'writes to memory' },
		{ what: 'a write that reaches over it', code: '0f114424f8 55', because: 'writes to memory' },
		{ what: 'a write through a pointer', code: '48c70700000000 55', because: 'writes to memory' },
		{ what: 'an aligned stack', code: '4883e4f0 55', because: 'moves the stack by an unknown amount' },
		{ what: 'another stack', code: '488b20 55', because: 'moves the stack by an unknown amount' },
		{ what: 'a pop of what the caller has', code: '58 55', because: 'leaves the frame' },
		{ what: 'an indirect call', code: 'ffd0 55', because: 'call *%rax at +0 goes elsewhere' },
		{ what: 'a return', code: '31c0 c3 55', because: 'ret at +2 goes elsewhere' },
		{ what: 'an unknown instruction', code: '4889e0 0fa2 55', because: 'is unknown' },
		{ what: 'the end of the code', code: '4889e0', because: 'the end of the function' },
		{ what: 'a frame out of line', code: '4883ec14 55', because: '20 bytes' },
		{ what: 'a huge frame', code: '4881ec00100000 55', because: '4096 bytes' },
	])('does not go beyond $what', ({ code, because }) => {
		expect(choose(code).refused).toContain(because);
	});

	it('is never on a nop that the kernel may turn into a call', () => {
		for (const nop of [NOP5, '0f1f440800', '660f1f4000']) {
			for (const kernel of [LINUX_6_18, LINUX_6_1])
				expect(choose(`4889e0 ${nop} c3`, ENTRY, kernel).refused).toBeDefined();
		}
	});

	it('is not where a loop of the function comes by again', () => {
		expect(choose('4889e0 4885ff 7402 ebf9 c3').refused).toContain('branch at +8');
		expect(choose('4889e0 4885ff 7402 ebf7 c3').refused).toContain('branch at +8');
		// To the very start it is a call of itself.
		expect(choose('4889e0 4885ff 7402 ebf6 c3').refused).toBeUndefined();
		// Neither behind the place.
		expect(choose('4889e0 4885ff 7402 ebfe c3').refused).toBeUndefined();
		expect(choose(`${ENDBR64} 55 48ffc0 75fa`, TIMED).refused).toContain('branch at +8');
	});
});

describe('where slow places are allowed', () => {
	it.each([
		['a huge frame', '4881ec00100000 55', { offset: 0, siteClass: 'stepped', instruction: 'sub $0x1000,%rsp' }],
		['a loop', '4889e0 4885ff 7402 ebf9 c3', { offset: 0, siteClass: 'stepped', instruction: 'mov %rsp,%rax' }],
		['a loop right behind endbr64', `${ENDBR64} 55 48ffc0 75fa`, { offset: 0, instruction: 'endbr64' }],
		['a write to an argument', '31ff 55', { offset: 0, siteClass: 'stepped', instruction: 'xor %edi,%edi' }],
	])('it is the start that is probed in spite of %s', (_, code, site) => {
		const decision = choose(code, ANYWHERE);
		expect(decision).toMatchObject({ site });
		expect(decision.refused).toBeUndefined();
	});

	it('takes the cheap one all the same, where there is one', () => {
		expect(choose(`${ENDBR64} 4883ec18 53`, ANYWHERE)).toEqual(choose(`${ENDBR64} 4883ec18 53`, ENTRY));
	});
});

describe('what the kernel would get wrong', () => {
	it.each([
		['xchg %r8,%rax, which it takes for a nop', '4990'],
		['vpsubsb, which it takes for a call', 'c5f9e8c1'],
		['vzeroupper, which it takes for a branch', 'c5f877'],
		['a branch with a prefix', '66e900000000'],
		['a branch with a REX', '48e900000000'],
		['an instruction with a prefix that it refuses', '2e0f1f8400000000004883ec08'],
		['a call', 'e800000000 55'],
		['a breakpoint', 'cc'],
		['ud2', '0f0b'],
		['nothing', ''],
	])('is never probed, stepped or not: %s', (_, code) => {
		for (const needs of [ENTRY, TIMED, ANYWHERE]) {
			expect(choose(code, needs)).toEqual({ site: undefined, refused: expect.any(String) });
		}
	});

	it('leaves endbr64 before it', () => {
		expect(choose(`${ENDBR64} c5f877`, ANYWHERE)).toMatchObject({ site: { offset: 0, instruction: 'endbr64' } });
	});
});

describe('generated prologues', () => {
	interface Piece {
		readonly hex: string;
		readonly pushes: number;
		readonly isEmulated?: boolean;
		readonly ends?: boolean;
	}

	const piece = fc.oneof(
		fc.integer({ min: 0, max: 7 }).map((n): Piece => ({ hex: `5${n}`, pushes: 8, isEmulated: true })),
		fc.integer({ min: 0, max: 7 }).map((n): Piece => ({ hex: `415${n}`, pushes: 8, isEmulated: true })),
		fc.integer({ min: 1, max: 15 }).map((n): Piece => ({ hex: `4883ec${hex8(8 * n)}`, pushes: 8 * n })),
		fc.integer({ min: 1, max: 15 }).map((n): Piece => ({ hex: `4883c4${hex8(-8 * n)}`, pushes: 8 * n })),
		fc
			.constantFrom('31c0', '4889e5', '488d05aabbccdd', '4885ff', '83fe01', '4989fa', '660fefc0', 'b807000000', NOP5)
			.map((hex): Piece => ({ hex, pushes: 0 })),
		fc
			.constantFrom('31ff', '4889c6', 'ba01000000', '4883c101', '4531c0', '4c8d4910', '48890d00100000', 'c3', 'ffe0')
			.map((hex): Piece => ({ hex, pushes: 0, ends: true })),
	);

	it('get their probe on the first emulated instruction before anything that matters, with the shift to it', () => {
		fc.assert(
			fc.property(fc.boolean(), fc.array(piece, { minLength: 1, maxLength: 12 }), (hasEndbr64, pieces) => {
				const code = (hasEndbr64 ? ENDBR64 : '') + pieces.map(({ hex }) => hex).join('');
				const decision = choose(code, ENTRY, LINUX_6_1);
				const end = pieces.findIndex(({ ends }) => ends);
				const before = end < 0 ? pieces : pieces.slice(0, end);
				const at = before.findIndex(({ isEmulated }) => isEmulated);
				if (at < 0) {
					expect(decision.refused).toBeDefined();
					return;
				}
				const passed = before.slice(0, at);
				expect(decision).toMatchObject({
					site: {
						offset: (hasEndbr64 ? 4 : 0) + passed.reduce((sum, { hex }) => sum + hex.length / 2, 0),
						stackShiftBytes: passed.reduce((sum, { pushes }) => sum + pushes, 0),
						siteClass: 'emulated',
					},
				});
				expect(decision.refused).toBeUndefined();
			}),
			{ seed: 20251126, numRuns: 2000 },
		);
	});

	it('never put a return probe where the return address is not on top of the stack', () => {
		fc.assert(
			fc.property(fc.boolean(), fc.array(piece, { minLength: 1, maxLength: 12 }), (hasEndbr64, pieces) => {
				const code = (hasEndbr64 ? ENDBR64 : '') + pieces.map(({ hex }) => hex).join('');
				const { site } = choose(code, { returns: true, allowStepped: true });
				expect([0, hasEndbr64 ? 4 : 0]).toContain(site?.offset);
				expect(site?.stackShiftBytes).toBe(0);
			}),
			{ seed: 20251127, numRuns: 1000 },
		);
	});

	it('never fail, whatever the bytes', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (code, returns) => {
				const { site, refused } = chooseSite(code, { returns, allowStepped: true }, LINUX_6_18);
				expect(site === undefined && refused === undefined).toBe(false);
				if (site !== undefined) expect(site.offset).toBeLessThan(code.length);
			}),
			{ seed: 20251128, numRuns: 5000 },
		);
	});

	function hex8(value: number): string {
		return (value & 0xff).toString(16).padStart(2, '0');
	}
});

describe('arm64', () => {
	const arm64: SiteMachine = { architecture: 'arm64', kernelRelease: '6.12.0' };
	const words = (...instructions: readonly number[]) => new Uint8Array(Uint32Array.from(instructions).buffer);

	it.each([
		['paciasp', 0xd503233f, 'stepped'],
		['bti c', 0xd503245f, 'stepped'],
		['(a9bf7bfd)', 0xa9bf7bfd, 'stepped'],
		['adrp', 0x90000010, 'emulated'],
		['b', 0x14000005, 'emulated'],
		['cbz', 0xb4000060, 'emulated'],
	] as const)('takes the first instruction, here %s, whatever it costs', (instruction, word, siteClass) => {
		const site = { offset: 0, siteClass, stackShiftBytes: 0, instruction };
		expect(chooseSite(words(word, 0xd65f03c0), ENTRY, arm64)).toEqual({ site });
		expect(chooseSite(words(word, 0xd65f03c0), TIMED, arm64)).toEqual({ site });
	});

	it.each([
		['an exclusive access', 0x885ffc02],
		['a load of a literal', 0x1c000040],
		['an exception', 0xd4000001],
	])('refuses %s', (what, word) => {
		expect(chooseSite(words(word), ANYWHERE, arm64)).toEqual({
			site: undefined,
			refused: expect.stringContaining(what),
		});
	});

	it('refuses no code', () => {
		expect(chooseSite(new Uint8Array(), ANYWHERE, arm64).refused).toBeDefined();
	});
});
