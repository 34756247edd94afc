import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeBpf } from './support';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
// Inside the package, so that its own name leads to dist.
const folder = fileURLToPath(new URL('build/readme/', import.meta.url));

function block(language: string): string {
	return new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readme)?.[1] ?? '';
}

describeBpf('README', ['uprobe', 'ring'], () => {
	it.skipIf(!existsSync('/lib/x86_64-linux-gnu/libc.so.6'))('has an example that prints what it says', () => {
		mkdirSync(folder, { recursive: true });
		writeFileSync(`${folder}calls.bpf.c`, block('c'));
		writeFileSync(`${folder}calls.mjs`, block('js'));
		const command = /compiled with `clang (.*?)`/.exec(readme)?.[1]?.replace('$(uname -m)', machine()) ?? '';
		execFileSync('clang', command.split(' '), { cwd: folder });
		const printed = execFileSync(process.execPath, ['calls.mjs'], { cwd: folder, encoding: 'utf8' });
		const promised = [...block('js').matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, text]) => text);
		expect(promised.length).toBeGreaterThan(0);
		expect(printed.trim().split('\n')).toEqual(promised);
	});
});
