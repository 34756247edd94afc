import { expect, test, vi } from 'vitest';
import example from '../examples/embed.ts?raw';
import readme from '../README.md?raw';

test('the example of the README is examples/embed.ts, and prints what the README says', async () => {
	const [code, output] = Array.from(readme.matchAll(/```(?:ts|text)\n(.*?)```/gs), (block) => block[1]).slice(1);
	expect(code).toBe(example);

	const printed: unknown[] = [];
	const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line));
	await import('../examples/embed');
	log.mockRestore();
	expect(`${printed.join('\n')}\n`).toBe(output);
});
