import { defineConfig } from 'vitest/config';

export default defineConfig({
	// The timeout only has to end a test that hangs: most start threads and sync disks, on machines of any speed.
	test: { globalSetup: ['test/build-worker.ts'], testTimeout: 60_000 },
});
