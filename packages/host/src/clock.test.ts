import { expect, test } from 'vitest';
import { measureWallOffset, monotonicNs } from './clock';

test('monotonic time plus the offset is wall time, to the millisecond that Date shows', () => {
	const { offsetNs, uncertaintyNs } = measureWallOffset();
	expect(uncertaintyNs).toBeGreaterThan(0n);
	const earliestMs = Date.now();
	const wallNs = monotonicNs() + offsetNs;
	const latestMs = Date.now();
	expect(wallNs + uncertaintyNs).toBeGreaterThanOrEqual(BigInt(earliestMs) * 1_000_000n);
	expect(wallNs - uncertaintyNs).toBeLessThan(BigInt(latestMs + 1) * 1_000_000n);
});
