import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { paths, startServingLoop } from '@ingero/fixture-cuda-standin';
import { expect, it } from 'vitest';
import { describeKernel } from './helpers/kernel-suite';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
// Inside the package, so that its own name leads to dist.
const folder = fileURLToPath(new URL('helpers/target/build/readme/', import.meta.url));

describeKernel('README', () => {
	it('has an example that tells of a process, its steps and its end', async () => {
		mkdirSync(folder, { recursive: true });
		writeFileSync(`${folder}watch.mjs`, /^```js\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? '');
		const example = spawn(process.execPath, ['watch.mjs'], { cwd: folder });
		example.stderr.pipe(process.stderr);
		const printed: string[] = [];
		let loop: ReturnType<typeof startServingLoop> | undefined;
		try {
			for await (const line of createInterface(example.stdout)) {
				printed.push(line);
				if (line === 'watching') loop = startServingLoop(['--steps', '3', '--wait-for-stdin']);
				if (line === `attached ${paths.libcuda}`) {
					await loop?.hello;
					loop?.start();
				}
				if (line === `${loop?.pid} ended`) example.kill('SIGINT');
			}
		} finally {
			loop?.child.kill('SIGKILL');
			example.kill('SIGKILL');
		}
		const steps = printed.filter((line) => line.startsWith(`${loop?.pid}: `));
		expect(steps.map((line) => line.replace(/\d+ bytes/, 'N bytes'))).toEqual([
			`${loop?.pid}: 250 launches, N bytes`,
			`${loop?.pid}: 8 launches, N bytes`,
			`${loop?.pid}: 8 launches, N bytes`,
		]);
		expect(printed.join('\n')).toMatch(/produced: \d+/);
	});
});
