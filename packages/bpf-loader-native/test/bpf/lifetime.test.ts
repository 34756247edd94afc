import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { beforeEach, expect, it } from 'vitest';
import { type BpfLink, BpfObject, detachAll } from '../../src/index';
import {
	describeBpf,
	heartbeatThreads,
	kernelState,
	objectPath,
	openFileCount,
	processFile,
	TARGET,
	Target,
	untilKernelState,
} from './support';

/** A running processes/hold.mjs. */
class Holder {
	readonly child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
		'--expose-gc',
		processFile('hold.mjs'),
		objectPath('ring'),
		TARGET,
	]);
	readonly #lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();

	async answer(): Promise<void> {
		const { value } = await this.#lines.next();
		if (!value?.startsWith('done')) throw new Error(`unexpected answer ${value}`);
	}

	async ask(command: string): Promise<void> {
		this.child.stdin.write(`${command}\n`);
		await this.answer();
	}
}

describeBpf('lifetime', ['uprobe', 'ring'], () => {
	beforeEach(async () => {
		expect(await untilKernelState([])).toEqual([]);
	});

	it('keeps links and heartbeats while anything of their object is reachable, and ends them with it', async () => {
		const holder = new Holder();
		await holder.answer();
		const held = kernelState();
		expect(held.map((line) => line.split(' ')[0])).toContain('link');
		await holder.ask('forget');
		expect(kernelState()).toEqual(held);
		expect(heartbeatThreads(holder.child.pid)).toBe(1);
		await holder.ask('release');
		expect(await untilKernelState([])).toEqual([]);
		expect(heartbeatThreads(holder.child.pid)).toBe(0);
		expect(holder.child.exitCode).toBeNull();
		holder.child.stdin.end();
		await once(holder.child, 'exit');
	});

	it.each(['exit', 'throw'])('leaves nothing in the kernel when the process ends by %s', async (command) => {
		const holder = new Holder();
		await holder.answer();
		expect(kernelState()).not.toEqual([]);
		holder.child.stdin.write(`${command}\n`);
		const [code, signal] = await once(holder.child, 'exit');
		expect([code, signal]).toEqual([command === 'exit' ? 0 : 1, null]);
		expect(await untilKernelState([])).toEqual([]);
	});

	it('leaves nothing in the kernel when the process is killed', async () => {
		const holder = new Holder();
		await holder.answer();
		holder.child.kill('SIGKILL');
		await once(holder.child, 'exit');
		expect(await untilKernelState([])).toEqual([]);
	});

	it('survives the end of a worker in the middle of a drain', async () => {
		await using target = new Target();
		const files = openFileCount();
		for (let round = 0; round < 5; round++) {
			const worker = new Worker(processFile('drain-worker.mjs'), {
				workerData: { object: objectPath('ring'), target: TARGET },
			});
			await Promise.race([once(worker, 'online'), once(worker, 'error')]);
			let finished = false;
			const drained = once(worker, 'message').finally(() => {
				finished = true;
			});
			while (!finished) await target.ask('call 0 100');
			await drained;
			await Promise.all([worker.terminate(), target.ask('call 0 1000')]);
			expect(await untilKernelState([])).toEqual([]);
		}
		expect(openFileCount()).toBe(files);
	});

	it('leaks nothing in 200 cycles of open, load, attach and close', async () => {
		await using target = new Target();
		const [offset = 0] = await target.offsets();
		const batch = new ArrayBuffer(1 << 16);
		const cycle = async (index: number): Promise<void> => {
			const multi = index % 20 !== 0;
			using object = BpfObject.open(objectPath('ring'), {
				// The verifier takes 80 ms to walk its loop.
				disable: ['blnt_vary'],
				...(multi && { attachTypes: { blnt_fixed: 'uprobe.multi' } }),
			});
			object.load();
			const program = object.program('blnt_fixed');
			if (multi) program.attachUprobeMulti({ path: TARGET, offsets: [offset], pid: target.pid });
			else program.attachUprobe({ path: TARGET, offset, pid: target.pid });
			await target.ask('call 0 1');
			expect(object.ring('ring').drain(batch)).toBeGreaterThan(0);
		};
		for (let i = 0; i < 20; i++) await cycle(i);
		const files = openFileCount();
		const rss = process.memoryUsage.rss();
		for (let i = 0; i < 200; i++) await cycle(i);
		expect(openFileCount()).toBe(files);
		expect(await untilKernelState([])).toEqual([]);
		// An object and its ring take over 100 KB: 200 that leaked would show.
		expect(process.memoryUsage.rss() - rss).toBeLessThan(16 << 20);
	});
});

describeBpf('detaching 40 sites', ['uprobeMulti', 'uprobeCookie'], () => {
	it('reports how long one link, five and 40 links take', async () => {
		await using target = new Target();
		const offsets = await target.offsets();
		const time = (action: () => void): string => {
			const start = performance.now();
			action();
			return `${(performance.now() - start).toFixed(0)} ms`;
		};
		const multi = BpfObject.open(objectPath('uprobe'), { attachTypes: { blnt_count: 'uprobe.multi' } });
		multi.load();
		const link = multi.program('blnt_count').attachUprobeMulti({ path: TARGET, offsets });
		const one = time(() => link.detach());
		const five = (): BpfLink[] =>
			[0, 8, 16, 24, 32].map((first) =>
				multi.program('blnt_count').attachUprobeMulti({ path: TARGET, offsets: offsets.slice(first, first + 8) }),
			);
		const some = five();
		const inTurn = time(() => {
			for (const each of some) each.detach();
		});
		const others = five();
		const together = time(() => detachAll(others));
		const perf = BpfObject.open(objectPath('uprobe'));
		perf.load();
		for (const offset of offsets) perf.program('blnt_count').attachUprobe({ path: TARGET, offset });
		const many = time(() => perf.close());
		multi.close();
		console.log(
			`detach of 40 sites: ${one} with one uprobe.multi link, ${inTurn} with five in turn, ${together} with five at once, ` +
				`${many} with 40 perf events`,
		);
		expect(await target.ask('call 0 10')).toBe('');
	});
});
