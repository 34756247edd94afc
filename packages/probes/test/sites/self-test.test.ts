import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireSafeProbes, runSelfTest } from '../../src/self-test/self-test';
import { SELF_TEST_PROGRAM } from '../../src/self-test-program';
import { ownKernelObjects } from '../helpers/kernel-objects';
import { describeKernel } from '../helpers/kernel-suite';
import { OBJECT_DIRECTORY } from '../helpers/watch';

const SAFE = { safe: true };
const unsafe = (reason: RegExp) => ({ safe: false, reason: expect.stringMatching(reason) });

/** FAULT in programs/faulty.c. */
const FAULTS = { CALLS_KERNEL: 1, WRONG_VALUE: 2, BEHIND_PUSH: 3, RED_ZONE: 4, NO_CALLS: 5, NO_FILTER: 6 } as const;

describeKernel('the self-test', () => {
	let folder: string;

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'self-test-'));
		execFileSync('make', ['-s', '-C', fileURLToPath(new URL('../../self-test', import.meta.url))]);
	});

	afterAll(() => rmSync(folder, { recursive: true }));

	function faulty(fault: keyof typeof FAULTS): string {
		const program = join(folder, fault);
		const source = fileURLToPath(new URL('programs/faulty.c', import.meta.url));
		execFileSync('cc', ['-O2', '-rdynamic', `-DFAULT=${FAULTS[fault]}`, '-o', program, source]);
		return program;
	}

	it('finds probes safe on a kernel that is used for these tests, and leaves nothing behind', () => {
		const before = ownKernelObjects();
		expect(runSelfTest({ objectDirectory: OBJECT_DIRECTORY })).toEqual({
			entries: SAFE,
			longNops: SAFE,
			returns: SAFE,
		});
		expect(ownKernelObjects()).toEqual(before);
		expect(() => requireSafeProbes({ objectDirectory: OBJECT_DIRECTORY })).not.toThrow();
	});

	const x64 = it.runIf(process.arch === 'x64');

	x64.each([
		['CALLS_KERNEL', /seccomp/],
		['WRONG_VALUE', /wrong value/],
		['NO_CALLS', /0 of \d+ calls/],
		['NO_FILTER', /no seccomp filter/],
	] as const)('says what is wrong with a process that is not to be probed at all: %s', (fault, reason) => {
		const result = runSelfTest({ objectDirectory: OBJECT_DIRECTORY, program: faulty(fault) });
		expect(result).toEqual({ entries: unsafe(reason), longNops: unsafe(reason), returns: unsafe(reason) });
	});

	x64('knows harm by returns from harm by entries', () => {
		const result = runSelfTest({ objectDirectory: OBJECT_DIRECTORY, program: faulty('BEHIND_PUSH') });
		expect(result).toEqual({
			entries: SAFE,
			longNops: SAFE,
			returns: unsafe(/never came back|ended by SIG|wrong value|of 2000 calls/),
		});
	});

	x64('sees what a nop that becomes a call does to the red zone, where the kernel makes it one', () => {
		const result = runSelfTest({ objectDirectory: OBJECT_DIRECTORY, program: faulty('RED_ZONE') });
		expect(result).toMatchObject({ entries: SAFE, returns: SAFE });
		expect([SAFE, { safe: false, reason: 'a probed function returned a wrong value' }]).toContainEqual(result.longNops);
	});

	it('blames nobody where the program cannot be run', () => {
		const program = join(folder, 'not-executable');
		copyFileSync(SELF_TEST_PROGRAM, program);
		chmodSync(program, 0o644);
		expect(() => runSelfTest({ objectDirectory: OBJECT_DIRECTORY, program })).toThrow(
			expect.objectContaining({ code: 'INGERO_PROBES_NO_OBJECT', message: expect.stringContaining('EACCES') }),
		);
	});

	it('says what is missing where there is no program to probe', () => {
		const missing = { objectDirectory: OBJECT_DIRECTORY, program: '/nowhere/self-test' };
		expect(() => runSelfTest(missing)).toThrow(
			expect.objectContaining({
				code: 'INGERO_PROBES_NO_OBJECT',
				message: expect.stringContaining('/nowhere/self-test'),
			}),
		);
	});
});
