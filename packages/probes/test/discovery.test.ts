import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths, startServingLoop } from '@ingero/fixture-cuda-standin';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { type AttachEvent, ProbeError, probedFunctions } from '../src/index';
import { callEvents, driverCalls, tally } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { Target, TWO_FUNCTIONS } from './helpers/target';
import { Watch } from './helpers/watch';

describeKernel('libraries are found and probed', () => {
	let folder: string;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'ingero probes ')); // with a space in it
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	/** The driver library under an inode of its own. */
	function copyOfLibrary(name = 'libcuda.so.1'): string {
		const copy = join(folder, name);
		mkdirSync(dirname(copy), { recursive: true });
		copyFileSync(paths.libcuda, copy);
		return copy;
	}

	it('of a process that runs already, and of one that starts later', async () => {
		const library = copyOfLibrary();
		await using early = await Target.start(library);
		await using watch = new Watch({ admission: 1 });
		await watch.attached(library);
		await early.ask('step 3');

		const other = copyOfLibrary('later/libcuda.so.1');
		await using late = await Target.start(other);
		await watch.attached(other);
		await late.ask('step 4');

		await watch.stop();
		const launches = (pid: number) =>
			watch.ledgers.filter((ledger) => ledger.pid === pid).map((ledger) => ledger.launches);
		expect(launches(early.pid)).toEqual([3]);
		expect(launches(late.pid)).toEqual([4]);
	});

	it('before any process maps it, where that is asked for: no call is missed, and none is seen twice', async () => {
		const library = copyOfLibrary();
		const linked = join(folder, 'a', 'libcuda.so.1');
		mkdirSync(dirname(linked));
		linkSync(library, linked);
		await using watch = new Watch({ admission: 1, memory: true, libraries: [library, linked, join(folder, 'none')] });
		await watch.until(() => watch.session.libraries.length > 0, 'probes on a library that nobody uses');
		await using target = await Target.start(linked);
		await target.ask('init');
		await target.ask('step 3');
		await watch.attached(linked);
		await target.ask('step 4');
		await target.kill();
		await using second = await Target.start(library);
		await second.ask('step 5');
		await watch.stop();

		const launches = (pid: number) =>
			watch.ledgers.filter((ledger) => ledger.pid === pid).map((ledger) => ledger.launches);
		expect([launches(target.pid), launches(second.pid)]).toEqual([[3, 4], [5]]);
		const calls = callEvents(watch.memoryCalls).filter(({ pid }) => pid === target.pid);
		expect(calls.map(({ name, args }) => [name, args[1]])).toEqual([['cuInit', 1n]]);
	});

	it('once, however many processes map the same file', async () => {
		const library = copyOfLibrary();
		await using first = await Target.start(library);
		await using watch = new Watch({ admission: 1 });
		await watch.attached(library);
		await using second = await Target.start(library);
		await watch.until(() => watch.session.cudaProcesses.includes(second.pid), 'the second process');
		// Other libraries may come and go on this machine meanwhile.
		expect(watch.session.libraries.filter(({ path }) => path.endsWith(library)).length).toBe(1);
		await first.ask('launch 5');
		await second.ask('launch 7');

		await watch.stop();
		expect(watch.news.filter(({ path }) => path === library).map(({ type }) => type)).toEqual(['attached']);
		// A call counted twice would show here.
		const calls = driverCalls(watch.batches);
		expect(tally(calls.filter(({ pid }) => pid === first.pid).map(({ name }) => name))).toEqual({
			cuLaunchKernel: 5,
			cuCtxSynchronize: 1,
		});
		expect(calls.filter(({ pid }) => pid === second.pid).length).toBe(8);
	});

	it('also a copy of the library, which is another file', async () => {
		const one = copyOfLibrary('one/libcuda.so.1');
		const two = copyOfLibrary('two/libcuda.so.550.54.15');
		await using first = await Target.start(one);
		await using second = await Target.start(two);
		await using watch = new Watch({ admission: 1, pids: [first.pid, second.pid] });
		await watch.attached(one);
		await watch.attached(two);
		await first.ask('launch 2');
		await second.ask('launch 3');
		await watch.stop();
		const calls = driverCalls(watch.batches);
		expect(calls.filter(({ pid }) => pid === first.pid).length).toBe(3);
		expect(calls.filter(({ pid }) => pid === second.pid).length).toBe(4);
	});

	it('in a mount namespace of its own, where we have nothing at that path', async () => {
		// Into a file system that only exists there, as a container's does.
		const script = `mount -t tmpfs none "$1" && cp -r "$2"/. "$1" && exec "$1/bin/serving-loop" --loop eager --steps 20 --wait-for-stdin`;
		const build = dirname(dirname(paths.servingLoop));
		const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', folder, build]);
		try {
			await once(child.stdout, 'data');
			await using watch = new Watch({ pids: [child.pid as number] });
			expect((await watch.attached()).path).toBe(join(folder, 'lib/libcuda.so.1'));
			child.stdin.write('\n');
			await watch.until(() => watch.exits.includes(child.pid as number), 'the end of the loop');
			await watch.stop();
			expect(watch.ledgers.length).toBe(20);
		} finally {
			child.kill('SIGKILL');
		}
	});

	it('and only the process asked for is seen', async () => {
		const library = copyOfLibrary();
		await using asked = await Target.start(library);
		await using other = await Target.start(library);
		await using another = await Target.start(library);
		for (const pids of [[asked.pid], [asked.pid, another.pid]]) {
			await using watch = new Watch({ admission: 1, pids });
			await watch.attached(library);
			await other.ask('step 9');
			await asked.ask('step 3');
			const losses = await watch.stop();
			expect(losses.produced).toBe(5);
			expect(new Set(callEvents(watch.batches).map(({ pid }) => pid))).toEqual(new Set([asked.pid]));
		}
	});

	it('with the functions it has; the others are reported', async () => {
		await using target = await Target.start(TWO_FUNCTIONS);
		await using watch = new Watch({ admission: 1, pids: [target.pid] });
		const { probes } = await watch.attached(TWO_FUNCTIONS);
		const present = probes.symbols.filter(({ exported }) => exported).map(({ symbol }) => symbol);
		expect(present.sort()).toEqual(['cuCtxSynchronize', 'cuLaunchKernel']);
		const absent = new Set(probes.symbols.filter(({ exported }) => !exported).map(({ symbol }) => symbol));
		for (const { name } of probedFunctions()) expect(absent.has(name)).toBe(!present.includes(name));
		await target.ask('launch 4');
		await watch.stop();
		expect(driverCalls(watch.batches).length).toBe(5);
	});

	it('unless the file is damaged: that is reported once, and others go on', async () => {
		const damaged = join(folder, 'libcuda.so.1');
		writeFileSync(damaged, 'no library at all');
		const sound = copyOfLibrary('sound/libcuda.so.1');
		await using mapper = await Target.start();
		await mapper.ask(`map ${damaged}`);
		await using user = await Target.start(sound);
		await using watch = new Watch({ admission: 1, pids: [mapper.pid, user.pid] });
		await watch.attached(sound);
		await user.ask('launch 1');
		// A library found later shows that discovery has gone round again.
		const later = copyOfLibrary('later/libcuda.so.1');
		await user.ask(`open ${later}`);
		await watch.attached(later);
		await watch.stop();
		const failed = watch.news.filter((event) => event.type === 'failed');
		expect(failed).toEqual([{ type: 'failed', path: damaged, pid: mapper.pid, error: expect.any(ProbeError) }]);
		expect(String((failed[0] as AttachEvent & { type: 'failed' }).error)).toContain(damaged);
		expect(driverCalls(watch.batches).length).toBe(2);
	});
});

describeKernel('a new process', () => {
	const times: number[] = [];

	afterAll(() => {
		if (times.length === 0) return;
		const sorted = times.map(Math.round).sort((a, b) => a - b);
		console.log(`from exec to probes attached, in ms, ${times.length} times: ${sorted.join(' ')}`);
	});

	it('has probes soon after its exec', async () => {
		await using watch = new Watch();
		for (let round = 0; round < 4; round++) {
			const folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
			let child: ChildProcess | undefined;
			try {
				cpSync(dirname(dirname(paths.servingLoop)), folder, { recursive: true });
				const startMs = performance.now();
				child = spawn(join(folder, 'bin/serving-loop'), ['--wait-for-stdin']);
				await watch.attached(join(folder, 'lib/libcuda.so.1'));
				times.push(performance.now() - startMs);
			} finally {
				child?.kill('SIGKILL');
				rmSync(folder, { recursive: true });
			}
		}
		expect(times.length).toBe(4);
	});
});

describeKernel('traced programs', () => {
	it.each(['eager', 'pipelined', 'flood'])('end as well as untraced ones: %s', async (loop) => {
		const traced = startServingLoop(['--loop', loop, '--steps', '100', '--decode-us', '200', '--wait-for-stdin']);
		const exit = once(traced.child, 'exit');
		await using watch = new Watch({ pids: [traced.pid], admission: 1 });
		await watch.attached();
		traced.start();
		await traced.done;
		expect(await exit).toEqual([0, null]);
	});

	it('get the results they would get without', async () => {
		// The target ends with 1 when a call fails that should not; the stand-in checks its red zone.
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1 });
		await watch.attached();
		for (let round = 0; round < 50; round++) await target.ask('every');
		expect((await watch.stop()).dropped.in_flight).toBe(0);
	});
});
