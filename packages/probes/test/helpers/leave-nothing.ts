import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

const PATIENCE_MS = 10_000;

/** Processes that this one has started, and pipes to them. */
function childResources(): number {
	return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap' || name === 'PipeWrap').length;
}

let before: number;

beforeAll(() => {
	before = childResources();
});

// What the tests of a file have killed takes a moment to go, and the next file may count what is open.
afterAll(async () => {
	const limitMs = performance.now() + PATIENCE_MS;
	while (childResources() > before) {
		if (performance.now() > limitMs) throw new Error('a process outlives the tests that started it');
		await sleep(5);
	}
});
