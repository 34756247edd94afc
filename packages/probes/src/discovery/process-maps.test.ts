import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMappings } from './process-maps';

const PID = 4242;

let procRoot: string;

beforeEach(() => {
	procRoot = mkdtempSync(join(tmpdir(), 'proc-'));
	mkdirSync(join(procRoot, String(PID)));
});

afterEach(() => rmSync(procRoot, { recursive: true }));

const NAMES = { beginnings: ['/libcuda'], matches: (name: string) => /^libcuda\.so(\.[\d.]+)?$/.test(name) };

/** What the mappings of these lines hold. */
function mappings(...lines: readonly (string | Buffer)[]) {
	const text = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
	writeFileSync(join(procRoot, String(PID), 'maps'), text);
	return readMappings(PID, NAMES, procRoot);
}

const paths = (...lines: readonly (string | Buffer)[]) => mappings(...lines)?.map(({ path }) => path);

const CODE = '7f1e00028000-7f1e001bd000 r-xp 00028000 fd:01 1835';

describe('readMappings', () => {
	it('finds each part of a file that is mapped as code', () => {
		const found = mappings(
			'55d0c0a00000-55d0c0a28000 r-xp 00000000 fd:01 99         /usr/bin/python3.12',
			'7f1e00000000-7f1e00028000 r--p 00000000 fd:01 1835       /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15',
			`${CODE}       /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15`,
			'00abc000-00bcd000 r-xp 001bd000 fd:01 1835       /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15',
			'7ffd5a3e9000-7ffd5a40a000 rw-p 00000000 00:00 0          [stack]',
		);
		const file = { key: 'fd:01:1835', path: '/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15' };
		expect(found).toEqual([
			{ ...file, range: '7f1e00028000-7f1e001bd000', fileOffset: 0x28000 },
			// As the names in map_files, without leading zeros.
			{ ...file, range: 'abc000-bcd000', fileOffset: 0x1bd000 },
		]);
	});

	it('reads a path to its end, with spaces, line feeds and letters of any language in it', () => {
		expect(paths(`${CODE}   /opt/my cuda/lib (old)/libcuda.so.1`)).toEqual(['/opt/my cuda/lib (old)/libcuda.so.1']);
		expect(paths(`${CODE}   /opt/a\\012b/libcuda.so`)).toEqual(['/opt/a\nb/libcuda.so']);
		expect(paths(`${CODE}   /opt/größer/libcuda.so`)).toEqual(['/opt/größer/libcuda.so']);
		// An encoding that is not ours: nothing to find there, and nothing to fail on.
		expect(
			paths(Buffer.concat([Buffer.from(`${CODE}   /opt/`), Buffer.from([0xff]), Buffer.from('/libcuda.so')])),
		).toHaveLength(1);
	});

	it('gives a deleted file the path that it had', () => {
		expect(paths(`${CODE}   /usr/lib/libcuda.so.1 (deleted)`)).toEqual(['/usr/lib/libcuda.so.1']);
	});

	it('finds the same file once in a line, whatever its folders are called', () => {
		expect(paths(`${CODE}   /opt/libcuda/libcuda.so.1`)).toEqual(['/opt/libcuda/libcuda.so.1']);
	});

	it('knows the library by its own name, not by its neighbours', () => {
		const others = ['libcudart.so.12', 'libcuda.so.1.bak', 'libcuda.sock', 'xlibcuda.so.1', 'libcuda.so.1/data'];
		expect(paths(...others.map((name) => `${CODE}   /lib/${name}`))).toEqual([]);
		for (const name of ['libcuda.so', 'libcuda.so.1', 'libcuda.so.580.65.06']) {
			expect(paths(`${CODE}   /lib/${name}`)).toEqual([`/lib/${name}`]);
		}
	});

	it('tells files apart by device and inode, not by path', () => {
		const found = mappings(
			'7f00-7f01 r-xp 00000000 fd:01 7   /a/libcuda.so.1',
			'7f02-7f03 r-xp 00000000 fd:02 7   /b/libcuda.so.1',
			'7f04-7f05 r-xp 00000000 fd:01 7   /c/libcuda.so.1',
		);
		expect(found?.map(({ key }) => key)).toEqual(['fd:01:7', 'fd:02:7', 'fd:01:7']);
	});

	it('leaves out what is mapped as data', () => {
		expect(paths('7f1e00000000-7f1e00028000 r--p 00000000 fd:01 1835   /lib/libcuda.so.1')).toEqual([]);
	});

	it('knows nothing of a process that is gone', () => {
		expect(readMappings(PID + 1, NAMES, procRoot)).toBeUndefined();
	});
});
