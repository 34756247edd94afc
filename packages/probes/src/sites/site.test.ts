import { describe, expect, it } from 'vitest';
import { chooseSite } from './site';

const ENDBR64 = 'f30f1efa';

/** The first instructions of functions as compilers make them. */
const PROLOGUES = [
	{ what: 'push %rbp', code: '55 4889e5', offset: 0, siteClass: 'emulated' },
	{ what: 'push %r12', code: '4154 55', offset: 0, siteClass: 'emulated' },
	{ what: 'endbr64; push %rbp', code: `${ENDBR64} 55 4889e5`, offset: 4, siteClass: 'emulated' },
	{ what: 'endbr64; push %r15', code: `${ENDBR64} 4157`, offset: 4, siteClass: 'emulated' },
	{ what: 'endbr64; sub $0x18,%rsp', code: `${ENDBR64} 4883ec18`, offset: 4, siteClass: 'stepped' },
	{ what: 'sub $0x18,%rsp', code: '4883ec18', offset: 0, siteClass: 'stepped' },
	{ what: 'mov %rsp,%rax', code: '4889e0', offset: 0, siteClass: 'stepped' },
	{ what: 'xor %eax,%eax', code: '31c0 c3', offset: 0, siteClass: 'stepped' },
	{ what: 'push %r12 behind another prefix', code: '4854', offset: 0, siteClass: 'stepped' },
	{ what: '5-byte nop', code: '0f1f440000', offset: 0, siteClass: 'emulated' },
	{ what: 'endbr64; 5-byte nop', code: `${ENDBR64} 0f1f440000`, offset: 4, siteClass: 'emulated' },
	{ what: '4-byte nop', code: '0f1f4000', offset: 0, siteClass: 'stepped' },
	{ what: 'nop', code: '90', offset: 0, siteClass: 'emulated' },
	{ what: 'jmp rel32', code: 'e912345678', offset: 0, siteClass: 'emulated' },
	{ what: 'endbr64; jmp rel8', code: `${ENDBR64} eb10`, offset: 4, siteClass: 'emulated' },
	{ what: 'jmp through memory', code: 'ff2512345678', offset: 0, siteClass: 'stepped' },
	{ what: 'nothing', code: '', offset: 0, siteClass: 'stepped' },
] as const;

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('chooseSite', () => {
	it.each(PROLOGUES)('probes $what at +$offset, which is $siteClass', ({ code, offset, siteClass }) => {
		expect(chooseSite(bytes(code), 'x64')).toEqual({ offset, siteClass, stackShiftBytes: 0 });
	});

	it('never goes behind a push, where a nop would be cheaper', () => {
		expect(chooseSite(bytes('4889e0 0f1f440000'), 'x64').offset).toBe(0);
		expect(chooseSite(bytes('4883ec18 55'), 'x64').offset).toBe(0);
	});

	it('takes the first instruction on arm64: after paciasp the return address is signed', () => {
		const paciasp = bytes('3f2303d5 fd7bbea9');
		expect(chooseSite(paciasp, 'arm64')).toEqual({ offset: 0, siteClass: 'stepped', stackShiftBytes: 0 });
		expect(chooseSite(bytes('55'), 'arm64').offset).toBe(0);
	});
});
