import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BpfObject, isBpfError, version } from '../src/index';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

describe('without the addon', () => {
	let copy: string;

	beforeAll(() => {
		copy = mkdtempSync(join(tmpdir(), 'package-'));
		cpSync(join(PACKAGE, 'dist'), join(copy, 'dist'), { recursive: true });
		cpSync(join(PACKAGE, 'package.json'), join(copy, 'package.json'));
	});

	afterAll(() => rmSync(copy, { recursive: true }));

	it.each(['linux', 'darwin', 'win32'])('imports on %s and fails when used, with a code', (platform) => {
		const script = `
			Object.defineProperty(process, 'platform', { value: ${JSON.stringify(platform)} });
			const { BpfObject, enableRunStatistics, features, isBpfError, version } = await import('./dist/index.js');
			for (const use of [features, version, enableRunStatistics, () => BpfObject.open(new Uint8Array(1))]) {
				try {
					use();
				} catch (error) {
					console.log(isBpfError(error) && error.code);
				}
			}`;
		const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
			cwd: copy,
			encoding: 'utf8',
		});
		const code = platform === 'linux' ? 'INGERO_BPF_ADDON' : 'INGERO_BPF_PLATFORM';
		expect(stderr).toBe('');
		expect(stdout.trim().split('\n')).toEqual([code, code, code, code]);
	});
});

const ADDON = join(PACKAGE, 'build/bpf_loader.node');

describe.skipIf(!existsSync(ADDON))('with the addon, without privileges', () => {
	it('tells the version of libbpf', () => {
		expect(version()).toMatch(/^v\d+\.\d+/);
	});

	it('refuses what is no eBPF object', () => {
		for (const source of [new Uint8Array(0), new TextEncoder().encode('not an object'), ADDON]) {
			expect(() => BpfObject.open(source)).toThrow(expect.objectContaining({ code: 'INGERO_BPF_OPEN' }));
		}
		const missing = join(PACKAGE, 'no-such-file.bpf.o');
		expect(() => BpfObject.open(missing)).toThrow(
			expect.objectContaining({ code: 'INGERO_BPF_OPEN', cause: expect.objectContaining({ code: 'ENOENT' }) }),
		);
	});

	it('refuses a source that is neither a path nor bytes', () => {
		for (const source of [5, undefined, null, '', 'a\0b', [1, 2]]) {
			expect(() => BpfObject.open(source as string)).toThrow(TypeError);
		}
	});
});

it('knows an error of another copy of the package by its mark', () => {
	expect(isBpfError(new Error('other'))).toBe(false);
	expect(isBpfError(undefined)).toBe(false);
});
