import { defineConfig } from 'vitest/config';

/**
 * The tests that need root and a kernel. One file at a time: they share two processors and one kernel. All in one process:
 * it finds out once what the kernel can do, and whether probes are safe.
 */
export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/helpers/setup.ts'],
		setupFiles: ['test/helpers/leave-nothing.ts'],
		fileParallelism: false,
		isolate: false,
		testTimeout: 120_000,
	},
});
