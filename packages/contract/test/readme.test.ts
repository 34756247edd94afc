import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { attributes, metrics, resourceAttributes } from '../src/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the example prints what it says', async () => {
	const code = readme.match(/```ts\n(.*?)```/s)?.[1] as string;
	const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, output]) => output);
	const { outputFiles } = await build({
		stdin: { contents: code, loader: 'ts', resolveDir: import.meta.dirname },
		bundle: true,
		format: 'iife',
		write: false,
	});
	const printed: string[] = [];
	new Function('console', outputFiles[0]?.text ?? '')({ log: (...words: unknown[]) => printed.push(words.join(' ')) });
	expect(promised.length).toBeGreaterThan(0);
	expect(printed).toEqual(promised);
});

test('the sizes of the tables are right', () => {
	for (const [table, noun] of [
		[metrics, 'metrics'],
		[attributes, 'attributes of points and spans'],
		[resourceAttributes, 'attributes of the resource'],
	] as const) {
		expect(readme).toContain(`| ${Object.keys(table).length} ${noun} `);
	}
});
