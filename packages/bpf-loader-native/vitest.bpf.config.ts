import { defineConfig } from 'vitest/config';

/** The tests that need root and a kernel. One file at a time: they count what this process holds in the kernel. */
export default defineConfig({
	test: {
		include: ['test/bpf/*.test.ts'],
		globalSetup: ['test/bpf/setup.ts'],
		fileParallelism: false,
		testTimeout: 60_000,
	},
});
