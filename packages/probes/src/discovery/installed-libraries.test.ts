import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installedDriverLibraries } from './installed-libraries';

const root = mkdtempSync(join(tmpdir(), 'ingero-installed-'));
afterAll(() => rmSync(root, { recursive: true }));

it('finds each driver library once, however many names it has, and nothing where there is none', () => {
	const folders = ['none', 'first', 'linked', 'other', 'dangling'].map((name) => join(root, name));
	const [, first, linked, other, dangling] = folders as [string, string, string, string, string];
	for (const folder of [first, linked, other, dangling]) mkdirSync(folder);
	writeFileSync(join(first, 'libcuda.so.560.35'), 'a driver');
	symlinkSync('libcuda.so.560.35', join(first, 'libcuda.so.1'));
	linkSync(join(first, 'libcuda.so.560.35'), join(linked, 'libcuda.so.1'));
	writeFileSync(join(other, 'libcuda.so.1'), 'another');
	symlinkSync('nowhere', join(dangling, 'libcuda.so.1'));
	expect(installedDriverLibraries(folders)).toEqual([join(first, 'libcuda.so.1'), join(other, 'libcuda.so.1')]);
});
