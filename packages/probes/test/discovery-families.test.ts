import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';

const RUNTIME = join(paths.libDirectory, 'libcudart.so.12');

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function copyOf(library: string, name: string): string {
	const copy = join(folder, name);
	mkdirSync(dirname(copy), { recursive: true });
	copyFileSync(library, copy);
	return copy;
}

const probedOf = ({ probes }: Awaited<ReturnType<Watch['attached']>>) =>
	probes.symbols.filter(({ site, refused }) => site !== undefined && refused === undefined).map(({ symbol }) => symbol);

describeKernel('libraries beside the driver', () => {
	it('are probed when a process loads them while it runs, whatever their names, by what they export', async () => {
		await using target = await Target.start(copyOf(paths.libcuda, 'libcuda.so.1'));
		await using watch = new Watch({ pids: [target.pid], runtime: true, nccl: true });
		await watch.attached(join(folder, 'libcuda.so.1'));

		const runtime = copyOf(RUNTIME, 'wheel/libcudart-a1b2c3d4.so.12.8.90');
		await target.ask(`map ${runtime}`);
		const ofRuntime = probedOf(await watch.attached(runtime));
		expect(ofRuntime).toContain('cudaLaunchKernel');
		expect(ofRuntime.filter((symbol) => !symbol.startsWith('cuda'))).toEqual([]);

		const torch = copyOf(paths.libnccl, 'torch/lib/libtorch_cuda.so');
		await target.ask(`map ${torch}`);
		const ofNccl = probedOf(await watch.attached(torch));
		expect(ofNccl).toContain('ncclAllReduce');
		expect(ofNccl.filter((symbol) => !symbol.startsWith('nccl'))).toEqual([]);

		// Of that name, and without one of the functions.
		const stub = copyOf(paths.servingLoop, 'torch/stub/libnccl.so.2');
		await target.ask(`map ${stub}`);
		const last = copyOf(paths.libcuda, 'last/libcuda.so.1');
		await target.ask(`map ${last}`);
		await watch.attached(last);
		await watch.stop();
		expect(watch.news.filter(({ path }) => path === stub)).toEqual([]);
	});

	it('are left alone where nobody asked for them', async () => {
		await using target = await Target.start(copyOf(paths.libcuda, 'libcuda.so.1'));
		const runtime = copyOf(RUNTIME, 'libcudart.so.12');
		const nccl = copyOf(paths.libnccl, 'libnccl.so.2');
		for (const library of [runtime, nccl]) await target.ask(`map ${library}`);
		await using watch = new Watch({ pids: [target.pid] });
		await watch.attached(join(folder, 'libcuda.so.1'));
		await watch.stop();
		expect(watch.news.map(({ path }) => path)).toEqual([join(folder, 'libcuda.so.1')]);
	});
});
