import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectFile } from './object-file';

const onSupported = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

describe('objectFile', () => {
	let folder: string;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'objects-'));
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	it.runIf(onSupported)("is the one for this machine's processor", () => {
		for (const architecture of ['x86', 'arm64']) {
			mkdirSync(join(folder, architecture));
			writeFileSync(join(folder, architecture, 'ingero.bpf.o'), '');
		}
		const own = process.arch === 'x64' ? 'x86' : 'arm64';
		expect(objectFile(folder)).toBe(join(folder, own, 'ingero.bpf.o'));
	});

	it('says what is wrong when there is none', () => {
		const code = onSupported ? 'INGERO_PROBES_NO_OBJECT' : 'INGERO_PROBES_UNSUPPORTED_PLATFORM';
		expect(() => objectFile(folder)).toThrow(expect.objectContaining({ code }));
	});
});
