import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageSize } from './page-size';

function auxiliaryVector(...pairs: readonly [bigint, bigint][]): { path: string } & Disposable {
	const folder = mkdtempSync(join(tmpdir(), 'auxv-'));
	const path = join(folder, 'auxv');
	writeFileSync(path, new Uint8Array(BigUint64Array.from(pairs.flat()).buffer));
	return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

describe('the size of a page', () => {
	it.skipIf(process.platform !== 'linux')('is what the C library says', () => {
		expect(pageSize()).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
	});

	it('may be other than 4096', () => {
		using vector = auxiliaryVector([33n, 4096n], [6n, 65536n], [0n, 0n]);
		expect(pageSize(vector.path)).toBe(65536);
	});

	it('is not guessed', () => {
		using vector = auxiliaryVector([33n, 4096n], [0n, 0n]);
		expect(() => pageSize(vector.path)).toThrow(/AT_PAGESZ/);
	});
});
