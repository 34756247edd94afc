import { readFileSync } from 'node:fs';

/**
 * The first TypeScript block of a README and what the README says that it prints: in the `text` block that follows, in
 * the sentence "It prints `…`" that follows, or in comments behind each console.log.
 *
 * @returns {{ code: string, prints: string }}
 */
export function exampleOf(readme) {
	const text = readFileSync(readme, 'utf8');
	const block = text.match(/^```ts\n(.*?)^```\n/ms);
	if (block === null) throw new Error(`${readme} has no ts block`);
	const [all, code] = block;
	const after = text.slice(block.index + all.length);
	const prints =
		after.match(/^\s*```text\n(.*?)^```/ms)?.[1] ??
		after.match(/^\s*It prints `(.*?)`/)?.[1] ??
		[...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, comment]) => comment).join('\n');
	if (prints.trim() === '') throw new Error(`${readme} does not say what its example prints`);
	return { code, prints: prints.trimEnd() };
}
