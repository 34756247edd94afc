import { defineConfig } from 'vitest/config';

/** The tests that need root and a kernel. One file at a time: they share two processors. */
export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		fileParallelism: false,
		testTimeout: 300_000,
	},
});
