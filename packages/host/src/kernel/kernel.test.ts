import { release } from 'node:os';
import { expect, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { readKernel } from './kernel';
import { isKernelAtLeast, parseKernelVersion } from './kernel-version';

test.each([
	['6.18.44-fc-v595', { major: 6, minor: 18, patch: 44 }],
	['5.15.0-1048-gke', { major: 5, minor: 15, patch: 0 }],
	['4.18.0-553.el8_10.x86_64', { major: 4, minor: 18, patch: 0 }],
	['6.12-rc3', { major: 6, minor: 12, patch: 0 }],
	['24.4.0 is Darwin', { major: 24, minor: 4, patch: 0 }],
	['next', undefined],
])('release %s', (text, version) => {
	expect(parseKernelVersion(text)).toEqual(version);
});

test.each([
	[5, 15, true],
	[5, 16, false],
	[4, 99, true],
	[6, 0, false],
])('5.15 is at least %i.%i: %s', (major, minor, answer) => {
	expect(isKernelAtLeast({ major: 5, minor: 15, patch: 3 }, major, minor)).toBe(answer);
});

test('the running kernel', () => {
	expect(readKernel()?.release).toBe(release());
});

test('a locked-down host with Yama, in a pod', () => {
	using proc = new FileTree({
		'sys/kernel/osrelease': '5.15.0-1048-gke\n',
		'sys/kernel/yama/ptrace_scope': '1\n',
		'self/ns/pid': { link: 'pid:[4026532911]' },
		'1/cgroup': '0::/kubepods.slice/kubepods-besteffort.slice\n',
	});
	using sys = new FileTree({
		'kernel/btf/vmlinux': '',
		'kernel/security/lockdown': 'none [integrity] confidentiality\n',
		'bus/event_source/devices/uprobe/type': '9\n',
	});
	expect(readKernel({ procRoot: proc.root, sysRoot: sys.root })).toEqual({
		release: '5.15.0-1048-gke',
		version: { major: 5, minor: 15, patch: 0 },
		btf: true,
		uprobes: true,
		kprobes: false,
		lockdown: 'integrity',
		ptraceScope: 1,
		inInitialPidNamespace: false,
		container: 'kubepods',
	});
});

test('a bare machine without BTF, lockdown and Yama', () => {
	using proc = new FileTree({
		'sys/kernel/osrelease': '4.18.0\n',
		'self/ns/pid': { link: 'pid:[4026531836]' },
		'1/cgroup': '0::/init.scope\n',
	});
	expect(readKernel({ procRoot: proc.root, sysRoot: '/nonexistent' })).toMatchObject({
		btf: false,
		uprobes: false,
		lockdown: 'none',
		ptraceScope: undefined,
		inInitialPidNamespace: true,
		container: undefined,
	});
});

test.each([
	['docker', '.dockerenv'],
	['podman', 'run/.containerenv'],
])('%s is known by the file it leaves', (engine, file) => {
	using proc = new FileTree({ 'sys/kernel/osrelease': '6.8.0\n', [`self/root/${file}`]: '', '1/cgroup': '0::/\n' });
	expect(readKernel({ procRoot: proc.root })?.container).toBe(engine);
});

test('no Linux, no answer', () => {
	expect(readKernel({ procRoot: '/nonexistent' })).toBeUndefined();
});
