import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
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
	/** Default: it grows with the size. */
	readonly codeKilobytes?: number;
	/** Inodes of the libraries mapped. */
	readonly libraries?: readonly number[];
	readonly uid?: number;
}

function setProcess(pid: number, { sizePages, libraries = [], uid = 0, codeKilobytes = sizePages }: Process): void {
	mkdirSync(join(procRoot, String(pid)), { recursive: true });
	writeFileSync(
		join(procRoot, String(pid), 'status'),
		`Name:\tserver\nUid:\t${uid}\t0\t0\t0\nVmSize:\t 99 kB\nVmExe:\t 1 kB\nVmLib:\t ${codeKilobytes} kB\nVmPTE:\t 9 kB\n`,
	);
	writeFileSync(join(procRoot, String(pid), 'statm'), `${sizePages} 12 3 1 0 5 0\n`);
	const lines = libraries.map((inode) => `7f00-7f01 r-xp 00000000 fd:01 ${inode}   /lib/${inode}/libcuda.so.1\n`);
	writeFileSync(join(procRoot, String(pid), 'maps'), lines.join(''));
}

const endProcess = (pid: number) => rmSync(join(procRoot, String(pid)), { recursive: true });

/** Gives a process a real file of its own at one path. */
function setFile(pid: number, path: string, from: string): void {
	const file = join(procRoot, String(pid), 'root', path);
	mkdirSync(dirname(file), { recursive: true });
	copyFileSync(from, file);
	const { ino } = statSync(file);
	setProcess(pid, { sizePages: 50 });
	writeFileSync(join(procRoot, String(pid), 'maps'), `7f00-7f01 r-xp 00000000 fd:01 ${ino}   ${path}\n`);
}

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
				range: '7f00-7f01',
				fileOffset: 0,
				families: ['driver'],
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
		for (let look = 0; look < 6; look++) discovery.scan();
		setProcess(100, { sizePages: 50, libraries: [7, 8], codeKilobytes: 51 });
		expect(discovery.scan().appeared).toEqual([]);
		setProcess(100, { sizePages: 51, libraries: [7, 8] });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:8']);
	});

	it('and reads what it has mapped only when there is more or less code than before', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50, libraries: [7], codeKilobytes: 10 });
		discovery.scan();
		setProcess(100, { sizePages: 60, libraries: [7, 8], codeKilobytes: 10 });
		expect(discovery.scan().appeared).toEqual([]);
		setProcess(100, { sizePages: 70, libraries: [7, 8], codeKilobytes: 9 });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:8']);
	});

	it('looks again after a change: the loader takes the whole range first, and maps the code into it then', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setProcess(100, { sizePages: 50, codeKilobytes: 10 });
		discovery.scan();
		setProcess(100, { sizePages: 60, codeKilobytes: 10 });
		for (let look = 0; look < 4; look++) expect(discovery.scan().appeared).toEqual([]);
		setProcess(100, { sizePages: 60, libraries: [7], codeKilobytes: 14 });
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

	it('looks at a quiet process in turn with others like it, and at a new or a changing one every time', () => {
		const discovery = new LibraryDiscovery({ procRoot, scanMs: Number.POSITIVE_INFINITY });
		const quiet = Array.from({ length: 125 }, (_, i) => 1000 + i);
		for (const pid of quiet) setProcess(pid, { sizePages: 50 });
		discovery.scan();
		for (const pid of quiet) setProcess(pid, { sizePages: 51, libraries: [pid] });
		setProcess(5000, { sizePages: 50, libraries: [7] });
		const found = Array.from({ length: 4 }, () => keys(discovery.scan().appeared));
		expect(found[0]).toContain('fd:01:7');
		expect(found[0]?.length).toBe(51);
		expect(new Set(found.flat()).size).toBe(126);
		expect(found.at(-1)).toEqual([]);
	});

	it('sees that another file lies where a library was, though the size is the same', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		const mapping = join(procRoot, '100', 'map_files', '7f00-7f01');
		const swap = (inode: number) => {
			setProcess(100, { sizePages: 50, libraries: [inode] });
			mkdirSync(dirname(mapping), { recursive: true });
			writeFileSync(`${mapping}.new`, '');
			renameSync(`${mapping}.new`, mapping);
		};
		swap(7);
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:7']);
		swap(8);
		expect(discovery.scan()).toEqual({
			appeared: [expect.objectContaining({ key: 'fd:01:8' })],
			vanished: ['fd:01:7'],
		});
	});

	it('goes by what a library exports where it can be read, and by its name where not', () => {
		const families = ['driver', 'runtime', 'nccl'] as const;
		const discovery = new LibraryDiscovery({ procRoot, families, scanMs: Number.POSITIVE_INFINITY });
		setFile(1, '/lib/libcudart-a1b2c3.so.12', join(paths.libDirectory, 'libcudart.so.12'));
		setFile(2, '/lib/libnccl.so.2', paths.libcuda);
		setFile(3, '/lib/libtorch_cuda.so', paths.servingLoop);
		writeFileSync(join(procRoot, 'text'), 'no library at all');
		setFile(4, '/lib/libnccl.so.2.27.3', join(procRoot, 'text'));
		const found = discovery.scan().appeared.map(({ pid, families }) => [pid, families]);
		expect(found).toEqual([
			[1, ['runtime']],
			[2, ['driver']],
			[4, ['nccl']],
		]);
		expect(discovery.cudaProcesses).toEqual([2]);
	});

	it('looks only for the families asked for', () => {
		const discovery = new LibraryDiscovery({ procRoot });
		setFile(1, '/lib/libcudart.so.12', join(paths.libDirectory, 'libcudart.so.12'));
		expect(discovery.scan().appeared).toEqual([]);
	});

	it('looks only at the processes of an owner, whoever they belonged to before', () => {
		const discovery = new LibraryDiscovery({ procRoot, uids: [1000] });
		setProcess(100, { sizePages: 50, libraries: [7], uid: 0 });
		setProcess(101, { sizePages: 50, libraries: [8], uid: 1000 });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:8']);
		setProcess(100, { sizePages: 51, libraries: [7], uid: 1000 });
		expect(keys(discovery.scan().appeared)).toEqual(['fd:01:7']);
		setProcess(100, { sizePages: 52, libraries: [7], uid: 0 });
		expect(discovery.scan().vanished).toEqual(['fd:01:7']);
	});
});
