import { describe, expect, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { containerIdOf, hashCgroupPath, parseCgroupPath, readCgroupPath } from './path';

const ID = `${'c0ffee'.repeat(10)}beef`;

describe('the path of a process', () => {
	test.each([
		['version 2', '0::/kubepods.slice/demo.scope\n', '/kubepods.slice/demo.scope'],
		['version 1: the longest', '5:cpu:/a\n3:freezer:/a/long/one\n2:name=systemd:/b\n', '/a/long/one'],
		['both mounted, version 2 in use', '4:memory:/old/but/longer\n0::/new\n', '/new'],
		[
			'both mounted, version 2 empty: the memory controller',
			'9:name=systemd:/longest/of/all/of/them\n4:memory:/pod/7\n0::/\n',
			'/pod/7',
		],
		['both mounted, memory at the root: the longest', '9:cpu:/pod\n4:memory:/\n0::/\n', '/pod'],
		['controllers mounted together', '4:cpu,memory:/pod/7\n5:pids:/pod/7/and/deeper\n0::/\n', '/pod/7'],
		['everything at the root', '4:memory:/\n0::/\n', '/'],
		['colons in the path', '0::/docker:7/x:y\n', '/docker:7/x:y'],
	])('%s', (_, text, path) => {
		expect(parseCgroupPath(text)).toBe(path);
	});

	test('text that is no cgroup list has none', () => {
		expect(parseCgroupPath('')).toBeUndefined();
		expect(parseCgroupPath('garbage\n0:\n')).toBeUndefined();
	});

	test('a process that is not there has none', () => {
		using proc = new FileTree({ '7/cgroup': '0::/here\n' });
		expect(readCgroupPath(7, { procRoot: proc.root })).toBe('/here');
		expect(readCgroupPath(8, { procRoot: proc.root })).toBeUndefined();
	});

	test.each([0, -1, 1.5, Number.NaN])('%s is no process id', (pid) => {
		expect(() => readCgroupPath(pid)).toThrow(new TypeError(`pid must be a positive integer, got ${pid}`));
	});
});

test('the hash is what dashboards and peers compute', () => {
	expect(hashCgroupPath('/kubepods.slice/demo.scope')).toBe('e916b463d100201c');
	expect(hashCgroupPath('/')).toBe('8a5edab282632443');
	expect(hashCgroupPath('')).toBe('');
});

test.each([
	['containerd', `/kubepods/burstable/pod1/${ID}`, ID],
	['CRI-O', `/kubepods.slice/crio-${ID}.scope`, ID],
	['nested: the inner one', `/docker/${'a'.repeat(64)}/docker/${ID}`, ID],
	['none', '/user.slice/user-0.slice', undefined],
	['longer than an id', `/x/${'a'.repeat(65)}`, undefined],
])('container id, %s', (_, path, id) => {
	expect(containerIdOf(path)).toBe(id);
});
