import { expect, test } from 'vitest';
import { tally } from './ground-truth';

/** Recordings of H100s with faults injected by the workload, and how many of the slow steps they contain. */
test.for([
	['h100-serving-a', 79],
	['h100-vllm-a', 32],
	['h100x2-parallel-a', 406],
] as const)('%s: the causes are those injected, nearly all of them', { timeout: 30_000 }, ([name, slowSteps]) => {
	const { count, right, unknown, confusion } = tally(name);
	expect(count, 'slow steps with one kind of fault').toBe(slowSteps);
	expect(right / count, JSON.stringify(confusion)).toBeGreaterThanOrEqual(0.95);
	expect(unknown / count, JSON.stringify(confusion)).toBeLessThanOrEqual(0.02);
});
