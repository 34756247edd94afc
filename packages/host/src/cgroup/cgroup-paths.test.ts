import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { CgroupPaths } from './cgroup-paths';
import { parseCgroupPath } from './path';

describe('what is remembered', () => {
	test('a path stays after the process has ended, until it is forgotten', () => {
		using proc = new FileTree({ '7/cgroup': '0::/kubepods.slice/demo.scope\n' });
		const paths = new CgroupPaths({ procRoot: proc.root });
		const identity = { path: '/kubepods.slice/demo.scope', hash: 'e916b463d100201c' };
		expect(paths.lookup(7)).toEqual(identity);
		proc.remove('7');
		expect(paths.lookup(7)).toEqual(identity);
		paths.forget(7);
		expect(paths.lookup(7)).toEqual({ path: '', hash: '' });
	});

	test('a reused pid is read anew when its start time tells', () => {
		using proc = new FileTree({ '7/cgroup': '0::/first\n' });
		const paths = new CgroupPaths({ procRoot: proc.root });
		expect(paths.lookup(7, 100).path).toBe('/first');
		proc.write('7/cgroup', '0::/second\n');
		expect(paths.lookup(7, 100).path).toBe('/first');
		expect(paths.lookup(7, 200).path).toBe('/second');
	});

	test('a failure is believed for its time only', () => {
		using proc = new FileTree({});
		let nowMs = 1000;
		const paths = new CgroupPaths({ procRoot: proc.root, failureTtlMs: 3000, nowMs: () => nowMs });
		expect(paths.lookup(7).hash).toBe('');
		proc.write('7/cgroup', '0::/late\n');
		nowMs = 3999;
		expect(paths.lookup(7).path).toBe('');
		nowMs = 4000;
		expect(paths.lookup(7).path).toBe('/late');
	});

	test('the least recently used are dropped, and no more than capacity kept', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 1, max: 9 })), (capacity, pids) => {
				const reads: number[] = [];
				const paths = new CgroupPaths({
					procRoot: '/nonexistent',
					capacity,
					// A failure that lasts for ever: the clock is asked on a read alone.
					failureTtlMs: Number.POSITIVE_INFINITY,
					nowMs: () => reads.push(0),
				});
				let oracle: number[] = [];
				for (const pid of pids) {
					const isHit = oracle.includes(pid);
					const readsBefore = reads.length;
					paths.lookup(pid);
					expect(reads.length - readsBefore).toBe(isHit ? 0 : 1);
					oracle = [...oracle.filter((known) => known !== pid), pid].slice(-capacity);
					expect(paths.size).toBe(oracle.length);
				}
			}),
		);
	});
});

test('this very process', () => {
	const path = parseCgroupPath(readFileSync('/proc/self/cgroup', 'utf8'));
	expect(new CgroupPaths().lookup(process.pid).path).toBe(path);
});

test('misuse is named', () => {
	expect(() => new CgroupPaths({ capacity: 0 })).toThrow('capacity must be a positive integer, got 0');
	expect(() => new CgroupPaths({ failureTtlMs: Number.NaN })).toThrow('failureTtlMs must be >= 0, got NaN');
});
