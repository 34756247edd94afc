import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { replaceBetweenMarkers } from './document';

const page = readFileSync(new URL('../../../../docs/accuracy.md', import.meta.url), 'utf8');

test('replaces the tables of docs/accuracy.md and nothing else', () => {
	const replaced = replaceBetweenMarkers(page, '| new |');
	expect(replaced).toContain('\n\n| new |\n\n');
	expect(replaced.split('<!--')[0]).toBe(page.split('<!--')[0]);
	expect(replaced.split('-->').at(-1)).toBe(page.split('-->').at(-1));
	expect(replaceBetweenMarkers(replaced, '| new |')).toBe(replaced);
});

test('refuses a document without markers', () => {
	expect(() => replaceBetweenMarkers('# Accuracy', '')).toThrow('lacks');
});
