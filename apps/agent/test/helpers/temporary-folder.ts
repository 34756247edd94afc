import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A folder that is there while the tests of this file run. The space in its name is meant. */
export function temporaryFolder(): string {
	const folder = join(tmpdir(), `ingero test ${randomBytes(4).toString('hex')}`);
	beforeAll(() => void mkdirSync(folder));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
