import { defineConfig } from 'vitest/config';

/** The tests that need root and a kernel. One file at a time: they share two processors and one kernel. */
export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/helpers/setup.ts'],
		fileParallelism: false,
		testTimeout: 120_000,
	},
});
