import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDriverMappings } from './process-maps';

const PID = 4242;

let procRoot: string;

beforeEach(() => {
	procRoot = mkdtempSync(join(tmpdir(), 'proc-'));
	mkdirSync(join(procRoot, String(PID)));
});

afterEach(() => rmSync(procRoot, { recursive: true }));

/** What the mappings of these lines hold. */
function mappings(...lines: readonly (string | Buffer)[]) {
	const text = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
	writeFileSync(join(procRoot, String(PID), 'maps'), text);
	return readDriverMappings(PID, procRoot);
}

const paths = (...lines: readonly (string | Buffer)[]) => mappings(...lines)?.libraries.map(({ path }) => path);

const CODE = '7f1e00028000-7f1e001bd000 r-xp 00028000 fd:01 1835';

describe('readDriverMappings', () => {
	it('finds the library that is mapped as code, once for all its mappings', () => {
		const found = mappings(
			'55d0c0a00000-55d0c0a28000 r-xp 00000000 fd:01 99         /usr/bin/python3.12',
			'7f1e00000000-7f1e00028000 r--p 00000000 fd:01 1835       /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15',
			`${CODE}       /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15`,
			'7f1e001bd000-7f1e00200000 r-xp 001bd000 fd:01 1835       /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15',
			'7ffd5a3e9000-7ffd5a40a000 rw-p 00000000 00:00 0          [stack]',
		);
		const path = '/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15';
		expect(found).toEqual({
			libraries: [{ key: 'fd:01:1835', path, reachablePath: `${procRoot}/${PID}/root${path}` }],
			unsettled: false,
		});
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

	it('leaves out a file that is deleted, which no path leads to', () => {
		expect(mappings(`${CODE}   /usr/lib/libcuda.so.1 (deleted)`)?.libraries).toEqual([]);
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
		expect(found?.libraries.map(({ key }) => key)).toEqual(['fd:01:7', 'fd:02:7']);
	});

	it('says when the library is there but not yet its code', () => {
		const data = '7f1e00000000-7f1e00028000 r--p 00000000 fd:01 1835   /lib/libcuda.so.1';
		expect(mappings(data)).toEqual({ libraries: [], unsettled: true });
		expect(mappings('7f00-7f01 r-xp 00000000 fd:01 7   /lib/libc.so.6')).toEqual({ libraries: [], unsettled: false });
	});

	it('knows nothing of a process that is gone', () => {
		expect(readDriverMappings(PID + 1, procRoot)).toBeUndefined();
	});
});
