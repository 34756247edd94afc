import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAddon, locateAddon } from './binding';

describe('locateAddon', () => {
	let root: string;

	beforeEach(() => {
		root = mkdtempSync(join(tmpdir(), 'addon-'));
	});

	afterEach(() => rmSync(root, { recursive: true }));

	function place(...parts: readonly [string, string]): string {
		mkdirSync(join(root, parts[0]), { recursive: true });
		writeFileSync(join(root, ...parts), 'not an addon');
		return join(root, ...parts);
	}

	it('prefers what was shipped for the platform to a local build', () => {
		const local = place('build', 'bpf_loader.node');
		expect(locateAddon(root, 'linux', 'x64')).toBe(local);
		const shipped = place('prebuilds', 'linux-x64.node');
		expect(locateAddon(root, 'linux', 'x64')).toBe(shipped);
		expect(locateAddon(root, 'linux', 'arm64')).toBe(local);
	});

	it.each(['darwin', 'win32', 'freebsd'])('says that %s has no eBPF, whatever files are there', (platform) => {
		place('build', 'bpf_loader.node');
		expect(() => locateAddon(root, platform, 'arm64')).toThrow(
			expect.objectContaining({ code: 'INGERO_BPF_PLATFORM', message: expect.stringContaining(platform) }),
		);
	});

	it('says where it looked when there is no addon', () => {
		expect(() => locateAddon(root, 'linux', 'riscv64')).toThrow(
			expect.objectContaining({
				code: 'INGERO_BPF_ADDON',
				message: expect.stringContaining(join(root, 'prebuilds', 'linux-riscv64.node')),
			}),
		);
	});

	it('keeps the reason when the file can’t be loaded', () => {
		const error = expect.objectContaining({ code: 'INGERO_BPF_ADDON', cause: expect.any(Error) });
		expect(() => loadAddon(place('build', 'bpf_loader.node'))).toThrow(error);
	});
});
