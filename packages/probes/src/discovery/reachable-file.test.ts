import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachableFile } from './reachable-file';

const PATH = '/opt/my cuda/libcuda.so.1';

let procRoot: string;
let seen: string;

beforeEach(() => {
	procRoot = mkdtempSync(join(tmpdir(), 'proc-'));
	seen = join(procRoot, '7/root', PATH);
	mkdirSync(dirname(seen), { recursive: true });
	copyFileSync(paths.libcuda, seen);
});

afterEach(() => rmSync(procRoot, { recursive: true }));

const mapped = (inode: number) => ({ key: `fd:01:${inode}`, path: PATH, range: '7f00-7f01', fileOffset: 0 });

describe('reachableFile', () => {
	it('opens the mapping itself where we may', () => {
		const mapping = join(procRoot, '7/map_files/7f00-7f01');
		mkdirSync(dirname(mapping));
		writeFileSync(mapping, '');
		expect(reachableFile(7, mapped(1), procRoot)).toBe(mapping);
	});

	it('else goes by the path, as the process sees it', () => {
		const { ino } = statSync(seen);
		expect(reachableFile(7, mapped(ino), procRoot)).toBe(seen);
		// As overlayfs may number it on old kernels, which say the file's own number in the list of mappings.
		expect(reachableFile(7, mapped(ino + 2 ** 40), procRoot)).toBe(seen);
	});

	it('takes no other file that lies there now', () => {
		const { ino } = statSync(seen);
		copyFileSync(seen, `${seen}.new`);
		renameSync(`${seen}.new`, seen);
		const failure = expect.objectContaining({
			code: 'INGERO_PROBES_BAD_LIBRARY',
			message: expect.stringContaining(`${PATH} was deleted or replaced while process 7 uses it`),
		});
		expect(() => reachableFile(7, mapped(ino), procRoot)).toThrow(failure);
		rmSync(seen);
		expect(() => reachableFile(7, mapped(ino), procRoot)).toThrow(failure);
	});
});
