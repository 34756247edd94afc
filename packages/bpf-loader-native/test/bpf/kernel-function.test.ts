import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { BpfObject, features } from '../../src/index';
import { describeBpf, objectPath, readU64, u64 } from './support';

const read = (): void => {
	readFileSync('/proc/self/comm');
};

describeBpf('kprobe', ['kprobe'], () => {
	it('runs when a kernel function is entered and returned from, tells sites apart by cookie, stops when detached', () => {
		using object = BpfObject.open(objectPath('uprobe'));
		object.load();
		const program = object.program('blnt_count');
		const count = (cookie: number): number => readU64(object.map('hits').get(u64(cookie)));
		const entry = program.attachKprobe({ symbol: 'vfs_read', cookie: 1n });
		program.attachKprobe({ symbol: 'vfs_read', cookie: 2n, return: true });
		read();
		expect(count(1)).toBeGreaterThan(0);
		expect(count(2)).toBeGreaterThan(0);
		entry.detach();
		const [entries, returns] = [count(1), count(2)];
		read();
		expect(count(1)).toBe(entries);
		expect(count(2)).toBeGreaterThan(returns);
	});

	it('says when there is no such function', () => {
		using object = BpfObject.open(objectPath('uprobe'));
		object.load();
		expect(() => object.program('blnt_count').attachKprobe({ symbol: 'no_such_function' })).toThrow(
			expect.objectContaining({
				code: 'INGERO_BPF_ATTACH',
				errnoName: 'ENOENT',
				hint: 'no such function in /proc/kallsyms; a module’s must be loaded',
			}),
		);
	});
});

describeBpf('kprobe options', ['uprobe'], () => {
	it('are checked before the kernel is asked', () => {
		using object = BpfObject.open(objectPath('uprobe'));
		object.load();
		const program = object.program('blnt_count');
		expect(() => program.attachKprobe({ symbol: '' })).toThrow(TypeError);
		expect(() => program.attachKprobe({ symbol: 'vfs_read', offset: -1 })).toThrow(TypeError);
		expect(() => program.attachKprobe({ symbol: 'vfs_read', offset: 4, return: true })).toThrow(TypeError);
		expect(() => program.attachKprobe({ symbol: 'vfs_read', cookie: -1n })).toThrow(TypeError);
	});
});

describeBpf('fentry', ['fentry'], () => {
	it('runs when a kernel function is entered and returned from, stops when detached', () => {
		using object = BpfObject.open(objectPath('fentry'));
		object.load();
		const counts = (): number[] => [0, 8].map((offset) => readU64(object.map('.bss').getAt(0), offset));
		const entry = object.program('blnt_entered').attachFentry();
		object.program('blnt_returned').attachFentry();
		read();
		const [entered = 0, returned = 0] = counts();
		expect(entered).toBeGreaterThan(0);
		expect(returned).toBeGreaterThan(0);
		entry.detach();
		const [before = 0] = counts();
		read();
		expect(counts()[0]).toBe(before);
		expect(counts()[1]).toBeGreaterThan(returned);
	});
});

const obstacle = inject('obstacle');

describe.skipIf(obstacle || features().kprobe.supported)('a kernel without kprobes', () => {
	it('says so', () => {
		using object = BpfObject.open(objectPath('uprobe'));
		object.load();
		expect(() => object.program('blnt_count').attachKprobe({ symbol: 'vfs_read' })).toThrow(
			expect.objectContaining({
				code: 'INGERO_BPF_ATTACH',
				operation: 'attach kprobe',
				hint: 'this kernel was built without kprobes (CONFIG_KPROBE_EVENTS); features().kprobe tells',
			}),
		);
	});
});

describe.skipIf(obstacle || features().fentry.supported)('a kernel that can’t attach to functions', () => {
	it('refuses such programs when they are loaded or attached, and loads the rest of their object', () => {
		const attach = (): void => {
			using object = BpfObject.open(objectPath('fentry'));
			object.load();
			object.program('blnt_entered').attachFentry();
		};
		expect(attach).toThrow(
			expect.objectContaining({ code: expect.stringMatching(/^INGERO_BPF_(LOAD|ATTACH)$/), hint: expect.any(String) }),
		);
		using rest = BpfObject.open(objectPath('fentry'), { disable: ['blnt_entered', 'blnt_returned'] });
		rest.load();
		expect(rest.program('blnt_entered').enabled).toBe(false);
	});
});
