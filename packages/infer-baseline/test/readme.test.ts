import { expect, test, vi } from 'vitest';
import { annotations } from '../examples/grafana-panel';
import grafana from '../examples/grafana-panel.ts?raw';
import loadGenerator from '../examples/load-generator.ts?raw';
import { slowShare } from '../examples/regression-gate';
import gate from '../examples/regression-gate.ts?raw';
import readme from '../README.md?raw';
import type { StepLedger } from '../src/index';
import { MS, ServingLoop } from './serving-loop';

const blocks = (language: string) =>
	Array.from(readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')), (block) => block[1]);

/** A serving loop of prefills and decodes; some decodes hang. */
function steps(count: number, decodeMs: number, hangs: readonly number[] = []): StepLedger[] {
	const loop = new ServingLoop();
	return Array.from({ length: count }, (_, i) =>
		i % 20 === 0
			? loop.step(40 * MS, { launches: 250, gridBlocks: 60_000 })
			: loop.step((hangs.includes(i) ? 10 : 1) * decodeMs * MS, { launches: 10, gridBlocks: 500 }),
	);
}

test('the README shows the examples as they are', () => {
	expect(blocks('ts')).toEqual([loadGenerator, grafana, gate]);
});

test('the load generator prints what the README says', async () => {
	const printed: unknown[] = [];
	const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line));
	await import('../examples/load-generator');
	log.mockRestore();
	expect(`${printed.join('\n')}\n`).toBe(blocks('text')[1]);
});

test('the Grafana panel marks the decode that hung', () => {
	expect(annotations(steps(400, 5, [301]))).toEqual([
		{ text: 'decode: 3x its usual time', timeMs: expect.any(Number), timeEndMs: expect.any(Number) },
	]);
});

test('the regression gate passes the same version and fails a slower one', () => {
	expect(slowShare(steps(400, 5), steps(400, 5))).toBe(0);
	expect(slowShare(steps(400, 5), steps(400, 9))).toBeGreaterThan(0.9);
});
