import { defineConfig } from 'vitest/config';

/** What runs anywhere: no root, no kernel, no network. */
export default defineConfig({
	test: { include: ['src/**/*.test.ts', 'test/offline/**/*.test.ts'], testTimeout: 60_000 },
});
