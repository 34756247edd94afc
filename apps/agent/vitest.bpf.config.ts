import { defineConfig } from 'vitest/config';

/** What needs root and a kernel with eBPF. One file at a time: some assert that nothing is lost. */
export default defineConfig({
	test: { include: ['test/live/**/*.test.ts'], fileParallelism: false, testTimeout: 120_000 },
});
