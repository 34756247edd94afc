import { fileURLToPath } from 'node:url';

/** The program that the self-test probes. This file, or its bundle, is one level below the package's root. */
export const SELF_TEST_PROGRAM: string = fileURLToPath(
	new URL(`../dist/self-test/linux-${process.arch}`, import.meta.url),
);
