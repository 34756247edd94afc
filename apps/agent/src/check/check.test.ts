import type { KernelInfo } from '@ingero/host';
import type { SymbolReport } from '@ingero/probes';
import { describe, expect, it } from 'vitest';
import { driverCheck } from './gpu';
import { reportJson } from './json';
import { lossCounters } from './losses';
import { machineChecks, machineRefusal, surroundingsChecks } from './machine';
import { missing, ok } from './result';
import { describeReport } from './text';

const KERNEL: KernelInfo = {
	release: '6.8.0-40-generic',
	version: { major: 6, minor: 8, patch: 0 },
	btf: true,
	uprobes: true,
	kprobes: true,
	lockdown: 'integrity',
	ptraceScope: 1,
	inInitialPidNamespace: true,
	container: undefined,
};
const kernelOf = (release: string, major: number, minor: number) => ({
	...KERNEL,
	release,
	version: { major, minor, patch: 0 },
});

describe('what a machine is refused for', () => {
	it('is nothing on an ordinary one', () => {
		for (const architecture of ['x64', 'arm64']) {
			expect(machineRefusal(KERNEL, architecture)).toBeUndefined();
			expect(machineChecks(KERNEL, architecture).every(({ status }) => status === 'ok')).toBe(true);
		}
	});

	it.each([
		['an old kernel', kernelOf('5.10.0-30-amd64', 5, 10), 'x64', ['5.10.0-30-amd64', '5.15']],
		['a kernel too old for arm64', kernelOf('5.15.0-1-arm64', 5, 15), 'arm64', ['5.15.0-1-arm64', '5.18']],
		['a kernel without types', { ...KERNEL, btf: false }, 'x64', ['CONFIG_DEBUG_INFO_BTF']],
		['a locked one', { ...KERNEL, lockdown: 'confidentiality' as const }, 'x64', ['confidentiality']],
		['another processor', KERNEL, 'riscv64', ['riscv64', 'x86-64']],
	])('is %s, and it says so', (_, kernel, architecture, words) => {
		const refusal = machineRefusal(kernel, architecture);
		for (const word of words) expect(refusal).toContain(word);
		expect(machineChecks(kernel, architecture).filter(({ status }) => status === 'missing').length).toBe(1);
	});

	it('is not the number of an x86-64 kernel that arm64 would want newer', () => {
		expect(machineRefusal(kernelOf('5.15.0', 5, 15), 'x64')).toBeUndefined();
	});
});

describe('surroundingsChecks', () => {
	it('tells what is needed from what is only good to have', () => {
		const checks = surroundingsChecks(
			{ ...KERNEL, inInitialPidNamespace: false },
			{
				canTrace: false,
				remedy: 'Run it with sudo',
				missing: [
					{ capabilities: ['cap_bpf'], required: true, purpose: 'load BPF programs and maps' },
					{ capabilities: ['cap_sys_ptrace'], required: false, purpose: 'find the libraries of others' },
				],
			},
		);
		expect(checks).toEqual(
			expect.arrayContaining([
				missing('privileges', 'not enough to trace', 'Run it with sudo'),
				expect.objectContaining({ status: 'optional', value: 'no cap_sys_ptrace' }),
				expect.objectContaining({ name: 'process namespace', status: 'optional' }),
			]),
		);
	});
});

describe('driverCheck', () => {
	it.each([
		['580.159.04', 'ok'],
		['550.54.15', 'ok'],
		['470.256.02', 'optional'],
		['unheard-of', 'optional'],
	])('of %s is %s: never a reason to refuse', (version, status) => {
		expect(driverCheck({ version, open: false })).toMatchObject({ status, value: version });
	});

	it('of none says so', () => {
		expect(driverCheck(undefined).status).toBe('optional');
		expect(driverCheck({ version: '580.159.04', open: true }).value).toBe('580.159.04 (open)');
	});
});

const SYMBOLS: readonly SymbolReport[] = [
	{
		symbol: 'cuLaunchKernel',
		exported: true,
		returns: false,
		site: { offset: 4, siteClass: 'emulated', stackShiftBytes: 0, instruction: 'push %rbp' },
	},
	{
		symbol: 'cuStreamSynchronize',
		exported: true,
		returns: true,
		site: { offset: 0, siteClass: 'stepped', stackShiftBytes: 0, instruction: 'sub $0x18,%rsp' },
	},
	{
		symbol: 'cuMemMap',
		exported: true,
		returns: true,
		site: { offset: 0, siteClass: 'stepped', stackShiftBytes: 0, instruction: 'mov %rsp,%rax' },
		refused: 'the kernel single-steps it',
	},
	{
		symbol: 'cuLaunchCooperativeKernel',
		exported: true,
		returns: false,
		site: { offset: 8, siteClass: 'emulated', stackShiftBytes: 24, instruction: 'push %rbx' },
	},
	{ symbol: 'cuCtxSynchronize', exported: false, returns: true },
	{ symbol: 'cuMemFree_v2', exported: true, returns: true, sameAs: 'cuMemFree' },
];
const REPORT = {
	checks: [ok('kernel', '6.8.0'), missing('privileges', 'not enough', 'Run it with sudo')],
	libraries: [
		{ path: '/usr/lib/libcuda.so.1', families: ['driver' as const], pid: 7, symbols: SYMBOLS },
		{ path: '/opt/libcuda.so.1', families: ['driver' as const], symbols: [], problem: 'it is damaged' },
	],
	losses: lossCounters(),
};

describe('the text', () => {
	it('has a line a check and a library, and names what is not as it should be', () => {
		const text = describeReport(REPORT, { sites: false }).join('\n');
		expect(text).toContain(
			'✓ kernel                 6.8.0\n✗ privileges             not enough\n  → Run it with sudo\n',
		);
		expect(text).toContain(
			'~ CUDA driver            /usr/lib/libcuda.so.1 (process 7): 3 functions can be probed, 1 of them slowly, 1 not\n' +
				'  cuStreamSynchronize: +0 sub $0x18,%rsp, stepped, with its return\n' +
				'  cuMemMap: not probed: the kernel single-steps it\n' +
				'  not exported: cuCtxSynchronize\n',
		);
		expect(text).not.toContain('cuLaunchKernel:');
		expect(text).toContain('/opt/libcuda.so.1 (not in use)\n  → it is damaged');
		expect(text).toContain('ring_full');
	});

	it('lists every function with its site when asked to', () => {
		const text = describeReport(REPORT, { sites: true }).join('\n');
		expect(text).toContain('  cuLaunchKernel: +4 push %rbp, emulated\n');
		expect(text).toContain('  cuLaunchCooperativeKernel: +8 push %rbx, emulated, 24 bytes of stack before it\n');
		expect(text).toContain('  cuMemFree_v2: the same code as cuMemFree\n');
	});

	it('says so when there is no library', () => {
		expect(describeReport({ ...REPORT, libraries: [] }, { sites: false }).join('\n')).toContain('none in use');
	});
});

describe('the JSON', () => {
	it('has every function, probed or not, and every loss counter', () => {
		const json = JSON.parse(JSON.stringify(reportJson(REPORT, false)));
		expect(json.all_passed).toBe(false);
		expect(json.checks).toEqual(REPORT.checks);
		const [driver, damaged] = json.libraries;
		expect(driver.symbols.map(({ probed }: { probed: boolean }) => probed)).toEqual([
			true,
			true,
			false,
			true,
			false,
			false,
		]);
		expect(driver.symbols[3].site).toEqual({
			offset: 8,
			instruction: 'push %rbx',
			class: 'emulated',
			stack_shift_bytes: 24,
		});
		expect(damaged).toMatchObject({ pid: null, problem: 'it is damaged', symbols: [] });
		expect(json.losses).toContainEqual({
			cause: 'ring_full',
			description: expect.any(String),
			otlp: 'ingero.agent.events.dropped{ingero.loss.cause="ring_full"}',
			prometheus: 'ingero_agent_events_dropped_total{cause="ring_full"}',
		});
	});
});
