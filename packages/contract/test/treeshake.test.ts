/** The promise that a bundle holds only what it uses, on the package as it is published. Needs `pnpm build`. */
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { attributes, metrics, resourceAttributes } from '../src/index.ts';

const owned = [
	...Object.values(metrics).map(({ name }) => name),
	...Object.values(attributes).map(({ key }) => key),
	...Object.values(resourceAttributes).map(({ key }) => key),
];

async function bundle(code: string): Promise<string> {
	const { outputFiles } = await build({
		stdin: { contents: code, resolveDir: import.meta.dirname },
		bundle: true,
		format: 'esm',
		write: false,
	});
	return outputFiles[0]?.text ?? '';
}

test('one metric brings no other', async () => {
	const named = `import { gpuMemoryFree } from '@ingero/contract/metrics'; console.log(gpuMemoryFree.name);`;
	const namespace = `import * as metrics from '@ingero/contract/metrics'; console.log(metrics.gpuMemoryFree.name);`;
	for (const code of [named, namespace]) {
		const text = await bundle(code);
		const { name, attributes: keys } = metrics.gpuMemoryFree;
		expect(owned.filter((candidate) => text.includes(`"${candidate}"`)).sort()).toEqual([name, ...keys].sort());
	}
});

test('one attribute, table of values or message brings no other', async () => {
	const text = await bundle(`
		import { gpuUuid } from '@ingero/contract/attributes';
		import { phases } from '@ingero/contract/enums';
		import { memory } from '@ingero/contract/messages';
		import { hostId } from '@ingero/contract/resource-attributes';
		console.log(gpuUuid, phases, memory, hostId);`);
	expect(text).toContain('gpu.uuid');
	expect(text).toContain('prefill');
	for (const other of ['hw.id', 'outlier_1_5x', 'inference_step', 'host.name'])
		expect(text).not.toContain(`"${other}"`);
});

test('the root entry brings a table only to those who use it', async () => {
	const version = await bundle(`import { CONTRACT_VERSION } from '@ingero/contract'; console.log(CONTRACT_VERSION);`);
	expect(owned.filter((candidate) => version.includes(`"${candidate}"`))).toEqual([]);

	const all = await bundle(`import { metrics } from '@ingero/contract'; console.log(Object.values(metrics));`);
	expect(Object.values(metrics).filter(({ name }) => !all.includes(`"${name}"`))).toEqual([]);
	expect(all).not.toContain('inference_step');
});
