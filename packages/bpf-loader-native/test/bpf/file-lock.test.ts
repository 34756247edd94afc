import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BpfError, lockFile } from '../../src/index';
import { describeBpf } from './support';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'ingero-lock-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describeBpf('lockFile', [], () => {
	it('gives the lock to one, until that one closes the file', () => {
		const [first, second] = [openSync(join(folder, 'lock'), 'w'), openSync(join(folder, 'lock'), 'r')];
		expect(lockFile(first)).toBe(true);
		expect(lockFile(first)).toBe(true);
		expect(lockFile(second)).toBe(false);
		closeSync(first);
		expect(lockFile(second)).toBe(true);
		closeSync(second);
	});

	it('says why there is none', () => {
		const descriptor = openSync(join(folder, 'lock'), 'w');
		closeSync(descriptor);
		const failure = expect.objectContaining({ code: 'INGERO_BPF_LOCK', errnoName: 'EBADF' });
		expect(() => lockFile(descriptor)).toThrow(failure);
		expect(() => lockFile(descriptor)).toThrow(BpfError);
	});
});
