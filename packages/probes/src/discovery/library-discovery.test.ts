import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibraryDiscovery } from './library-discovery';

let procRoot: string;

beforeEach(() => {
	procRoot = mkdtempSync(join(tmpdir(), 'proc-'));
	// What else there is.
	mkdirSync(join(procRoot, 'sys'));
	writeFileSync(join(procRoot, 'uptime'), '1 2\n');
});

afterEach(() => rmSync(procRoot, { recursive: true }));

interface Process {
	readonly sizePages: number;
	/** Inodes of the libraries mapped. */
	readonly libraries?: readonly number[];
	readonly permissions?: string;
}

function setProcess(pid: number, { sizePages, libraries = [], permissions = 'r-xp' }: Process): void {
	mkdirSync(join(procRoot, String(pid)), { recursive: true });
	writeFileSync(join(procRoot, String(pid), 'statm'), `${sizePages} 12 3 1 0 5 0\n`);
	const lines = libraries.map(
		(inode) => `7f00-7f01 ${permissions} 00000000 fd:01 ${inode}   /lib/${inode}/libcuda.so.1\n`,
	);
	writeFileSync(join(procRoot, String(pid), 'maps'), lines.join(''));
}

const endProcess = (pid: number) => rmSync(join(procRoot, String(pid)), { recursive: true });

const keys = (libraries: readonly { key: string }[]) => libraries.map(({ key }) => key);

describe('LibraryDiscovery', () => {
	it('says once that a library is in use, and once that it no longer is', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50 });
		expect(discovery.scan()).toEqual({ appeared: [], vanished: [] });

		setProcess(100, { sizePages: 80, libraries: [7] });
		setProcess(101, { sizePages: 60, libraries: [7] });
		const { appeared } = discovery.scan();
		expect(appeared).toEqual([
			{
				key: 'fd:01:7',
				path: '/lib/7/libcuda.so.1',
				reachablePath: `${procRoot}/100/root/lib/7/libcuda.so.1`,
				pid: 100,
			},
		]);
		expect(discovery.scan()).toEqual({ appeared: [], vanished: [] });
		expect(discovery.cudaProcesses).toEqual([100, 101]);
		expect(discovery.mappersOf('fd:01:7').map(({ pid }) => pid)).toEqual([100, 101]);

		endProcess(100);
		expect(discovery.scan()).toEqual({ appeared: [], vanished: [] });
		endProcess(101);
		expect(discovery.scan()).toEqual({ appeared: [], vanished: ['fd:01:7'] });
		expect(discovery.scan()).toEqual({ appeared: [], vanished: [] });
		expect(discovery.cudaProcesses).toEqual([]);
	});

	it('looks into a process again only when its size has changed', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50, libraries: [7] });
		discovery.scan();
		setProcess(100, { sizePages: 50, libraries: [7, 8] });
		expect(discovery.scan().appeared).toEqual([]);
		setProcess(100, { sizePages: 51, libraries: [7, 8] });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:8']);
	});

	it('but looks again at once while the loader is half done, whose size is settled already', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50, libraries: [7], permissions: 'r--p' });
		expect(discovery.scan().appeared).toEqual([]);
		setProcess(100, { sizePages: 50, libraries: [7] });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:7']);
	});

	it('takes a process that has ended and another with its number for two', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50, libraries: [7] });
		discovery.scan();
		endProcess(100);
		discovery.scan();
		setProcess(100, { sizePages: 50, libraries: [8] });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:8']);
	});

	it('looks at the processes asked for only', () => {
		const discovery = new LibraryDiscovery({ procRoot, pids: [101, 999] });
		setProcess(100, { sizePages: 50, libraries: [7] });
		setProcess(101, { sizePages: 50, libraries: [8] });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:8']);
	});

	it('does not read the mappings of kernel threads, which have no memory', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(2, { sizePages: 0, libraries: [7] });
		expect(discovery.scan().appeared).toEqual([]);
	});

	it('lets a forgotten library appear again while it is in use', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50, libraries: [7] });
		discovery.scan();
		discovery.forget('fd:01:7');
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:7']);
		endProcess(100);
		discovery.forget('fd:01:7');
		expect(discovery.scan()).toEqual({ appeared: [], vanished: [] });
	});
});
