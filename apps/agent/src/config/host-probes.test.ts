import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors';
import { describeMemoryIoctls } from '../session/host-news';
import { spellOutBooleans } from './booleans';
import { addHostProbeFlags, type HostProbeFlags, hostProbeOptions, memoryIoctlChoice } from './host-probes';

const TESTED = { driver: '535.183.01', kernel: '5.15.0-1048-gke' };
const UNTESTED = { driver: '580.65', kernel: '6.18.44' };

function parse(...args: readonly string[]): HostProbeFlags {
	const command = addHostProbeFlags(new Command())
		.exitOverride()
		.configureOutput({ writeErr: () => {} });
	return command.parse(spellOutBooleans([...args]), { from: 'user' }).opts();
}

const choose = (machine: { driver: string | undefined; kernel: string | undefined }, ...args: readonly string[]) =>
	memoryIoctlChoice(parse(...args), () => machine);

test.each([
	[[], { blockIo: true, tcp: true }],
	[['--no-io'], { blockIo: false, tcp: true }],
	[['--no-tcp'], { blockIo: true, tcp: false }],
	[['--no-io=false', '--no-tcp=true'], { blockIo: true, tcp: false }],
])('%j watches %j', (args, options) => {
	expect(hostProbeOptions(parse(...args))).toEqual(options);
});

test('a flag that is neither true nor false is refused', () => {
	expect(() => parse('--no-io=maybe')).toThrow(/true or false/);
});

describe('ioctls of the driver', () => {
	test('are left alone unless asked for, wherever it may be possible', () => {
		expect(choose(TESTED)).toEqual({ ways: [], verdict: undefined });
		expect(choose(TESTED, '--enable-experimental-kprobes=false')).toEqual({ ways: [], verdict: undefined });
	});

	test('are probed on a tested machine, with a word about it', () => {
		expect(choose(TESTED, '--enable-experimental-kprobes')).toEqual({
			ways: ['fentry', 'kprobe'],
			verdict: 'experimental kprobes: driver 535.183.01, kernel 5.15.0-1048-gke: tested as 535. with 5.15.',
		});
	});

	test.each([
		[UNTESTED, 'driver 580.65, kernel 6.18.44: none of the 3 tested pairs, not loaded'],
		[{ driver: undefined, kernel: '5.15.0' }, 'driver unknown, kernel 5.15.0: none of the 3 tested pairs, not loaded'],
	])('are not on %j', (machine, words) => {
		const { ways, verdict } = choose(machine, '--enable-experimental-kprobes');
		expect(ways).toEqual([]);
		expect(verdict).toContain(words);
	});

	test('may be counted at the system call instead, or where the rest fails', () => {
		expect(choose(UNTESTED, '--memory-ioctl-tracepoints')).toEqual({ ways: ['tracepoint'], verdict: undefined });
		expect(choose(UNTESTED, '--memory-ioctl-tracepoints', '--enable-experimental-kprobes').ways).toEqual([
			'tracepoint',
		]);
		expect(choose(TESTED, '--memory-ioctl-tracepoints', '--enable-experimental-kprobes').ways).toEqual([
			'fentry',
			'kprobe',
			'tracepoint',
		]);
	});

	test('are probed where an operator says so', () => {
		const folder = mkdtempSync(join(tmpdir(), 'allow list '));
		const path = join(folder, 'pairs');
		try {
			writeFileSync(path, '# ours\n580. 6.18.44\n');
			const list = ['--enable-experimental-kprobes', '--kprobe-allow-list', path];
			expect(() => choose(UNTESTED, ...list)).toThrow(UsageError);
			expect(() => choose(UNTESTED, ...list)).toThrow(`--kprobe-allow-list ${path}: line 2: "6.18.44" is no beginning`);
			writeFileSync(path, '# ours\n580. 6.18.\n');
			expect(choose(UNTESTED, ...list)).toEqual({
				ways: ['fentry', 'kprobe'],
				verdict: 'experimental kprobes: driver 580.65, kernel 6.18.44: tested as 580. with 6.18.',
			});
			expect(choose({ driver: '570.1', kernel: '6.1.0' }, ...list).verdict).toContain('none of the 4 tested pairs');
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	test('need the flag that a list is for', () => {
		expect(() => choose(TESTED, '--kprobe-allow-list', '/dev/null')).toThrow(/add --enable-experimental-kprobes/);
	});

	test('are told about in one line', () => {
		const kprobe = { way: 'kprobe', program: 'ioctl_kprobe' } as const;
		const reason = 'attach kprobe: ENOTSUP\nHint: this kernel was built without kprobes';
		expect(describeMemoryIoctls({ way: undefined, reports: [{ ...kprobe, attached: false, reason }] })).toBe(
			'ioctls of the NVIDIA driver are not counted (kprobe: attach kprobe: ENOTSUP; Hint: this kernel was built without kprobes)',
		);
		expect(describeMemoryIoctls({ way: 'kprobe', reports: [{ ...kprobe, attached: true }] })).toBe(
			'ioctls of the NVIDIA driver are counted by kprobe',
		);
	});
});
