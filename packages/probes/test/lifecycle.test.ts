import { paths, startServingLoop } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { ProbeSession } from '../src/index';
import { driverCalls, tally } from './helpers/call-event';
import {
	dumpOwnMap,
	openFileCount,
	ownCounters,
	ownKernelObjects,
	pidOfKey,
	stillInKernel,
} from './helpers/kernel-objects';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { OBJECT_DIRECTORY, Watch } from './helpers/watch';

/** Entries that the kernel keeps of a process. */
function keptOf(pid: number): string[] {
	return ['recorded_events', 'processes'].flatMap((map) =>
		dumpOwnMap(map)
			.filter(({ key }) => pidOfKey(key) === pid)
			.map(({ key }) => `${map} ${key}`),
	);
}

/** Streams that the kernel keeps, of all processes. */
function keptStreams(): number {
	const { streamsClaimed, streamsFreed } = ownCounters();
	return streamsClaimed - streamsFreed;
}

describeKernel('a traced process that ends', () => {
	it('in the middle of a call, killed, is counted and forgotten, and the session goes on', async () => {
		await using watch = new Watch({ admission: 1 });
		await using bystander = await Target.start(paths.libcuda);
		await using target = await Target.start(paths.libcuda);
		await watch.attached();
		await watch.until(() => watch.session.cudaProcesses.includes(target.pid), 'the target');
		await bystander.ask('step 1');
		await target.ask('every');
		await target.ask('hold 60000');
		await watch.until(() => watch.session.losses().dropped.in_flight === 1, 'the wait');
		expect(keptOf(target.pid)).not.toEqual([]);

		await target.kill();
		await watch.until(() => watch.exits.includes(target.pid), 'the end of the target');
		await watch.until(() => keptOf(target.pid).length === 0, 'nothing kept of it');
		expect(keptOf(bystander.pid)).not.toEqual([]);
		await bystander.ask('step 2');

		const losses = await watch.stop();
		expect(losses.dropped.in_flight).toBe(1);
		expect(unexplained(losses)).toBe(0);
		const own = watch.ledgers.filter(({ pid }) => pid === bystander.pid);
		expect(own.map(({ launches }) => launches)).toEqual([1, 2]);
	});

	it('gives back the room that its streams took', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid] });
		await watch.attached();
		await target.ask('every');
		await watch.until(() => watch.ledgers.length > 0, 'a step');
		expect(keptStreams()).toBeGreaterThan(1);
		await target.kill();
		await watch.until(() => watch.exits.includes(target.pid), 'the end of the target');
		expect(keptStreams()).toBe(0);
	});

	it('in the middle of a step, killed while it works, loses no call', async () => {
		const loop = startServingLoop(['--loop', 'flood', '--calls', '100000000', '--threads', '2', '--wait-for-stdin']);
		await loop.hello;
		await using watch = new Watch({ pids: [loop.pid], admission: 1 });
		await watch.attached();
		loop.start();
		await watch.until(() => watch.ledgers.length > 500, 'some steps');
		loop.child.kill('SIGKILL');
		await watch.until(() => watch.exits.includes(loop.pid), 'the end of the loop');
		await watch.until(() => keptOf(loop.pid).length === 0, 'nothing kept of it');
		const losses = await watch.stop();
		expect(unexplained(losses)).toBe(0);
		expect(driverCalls(watch.batches).length).toBe(losses.delivered);
	});

	it('with its main thread long before the others is over when the last one is', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid] });
		await watch.attached();
		await target.ask('step 1');
		await target.ask('orphan');
		await target.ask('step 2');
		await target.ask('step 3');
		await watch.until(() => watch.ledgers.length === 3, 'the steps after the main thread');
		expect(watch.exits).toEqual([]);
		await target.kill();
		await watch.until(() => watch.exits.length > 0, 'the end of the target');
		await watch.stop();
		expect(watch.exits).toEqual([target.pid]);
	});

	it('by becoming another program starts anew', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1 });
		await watch.attached();
		await target.ask('step 1');
		await target.ask('launch 5'); // work that is never read back
		await target.ask('exec');
		await watch.until(() => watch.exits.length === 1, 'the end of the program');
		await watch.until(() => keptOf(target.pid).length === 0, 'nothing kept of it');
		await target.ask(`open ${paths.libcuda}`);
		await target.ask('step 2');
		await target.kill();
		await watch.until(() => watch.exits.length === 2, 'the end of the next');
		await watch.stop();
		expect(watch.exits).toEqual([target.pid, target.pid]);
		expect(watch.ledgers.map(({ launches }) => launches)).toEqual([1, 2]);
	});

	it('even when the ring has no room for the news', async () => {
		// Never less than full: the flood fills the ring's 4 KiB many times between two readings.
		const loop = startServingLoop(['--loop', 'flood', '--calls', '10000000', '--wait-for-stdin']);
		await loop.hello;
		await using watch = new Watch({ ledgerRingBytes: 4096 });
		await using target = await Target.start(paths.libcuda);
		await watch.until(() => watch.session.cudaProcesses.includes(target.pid), 'the target');
		await target.ask('step 1');
		loop.start();
		await watch.until(() => (watch.session.losses().ledgers.dropped.ledger_ring_full ?? 0) > 1000, 'a full ring');
		await target.kill();
		await watch.until(() => watch.exits.includes(target.pid), 'the end of the target');
		await watch.until(() => keptOf(target.pid).length === 0, 'nothing kept of it');
		loop.child.kill('SIGKILL');
	});
});

describeKernel('threads of a traced process', () => {
	it('that come and go leave nothing behind', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid] });
		await watch.attached();
		await target.ask('threads 100');
		await watch.until(() => watch.ledgers.length === 100, 'a hundred steps');
		// Each was on a default stream of its own.
		expect(new Set(watch.ledgers.map(({ streamHandle }) => streamHandle)).size).toBe(100);
		await watch.until(() => keptStreams() === 0, 'the streams of the last threads to go');
		expect(keptOf(target.pid)).toEqual([expect.stringMatching(/^processes /)]);
	});

	it('that leave calls by a jump go on being seen', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid], admission: 1 });
		await watch.attached();
		await target.ask('leave 20');
		await target.ask('step 3');
		const losses = await watch.stop();
		expect(losses.dropped).toMatchObject({ nesting_overflow: 0, in_flight: 20 });
		expect(unexplained(losses)).toBe(0);
		expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toEqual({
			cuLaunchKernel: 23,
			cuMemcpyDtoHAsync_v2: 1,
			cuStreamSynchronize: 1,
		});
	});
});

describeKernel('a session', () => {
	it('leaves no program, map or link in the kernel', async () => {
		const before = ownKernelObjects();
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ admission: 1 });
		await watch.attached();
		await target.ask('every');
		const held = ownKernelObjects();
		for (const kind of ['prog', 'map', 'link']) {
			expect(held.filter((object) => object.kind === kind).length).toBeGreaterThan(5);
		}
		await watch.stop();
		expect(ownKernelObjects()).toEqual(before);
		// The kernel frees them a little after their last user is gone.
		await expect.poll(() => stillInKernel(held), { timeout: 10_000 }).toEqual([]);
	});

	it('leaks no file, five times in a row', async () => {
		await using target = await Target.start(paths.libcuda);
		let files = 0;
		for (let round = 0; round < 5; round++) {
			await using watch = new Watch({ pids: [target.pid], admission: 1 });
			await watch.attached();
			await target.ask('step 2');
			expect((await watch.stop()).produced).toBe(4);
			expect(watch.ledgers.length).toBe(1);
			// The first one opens what is kept for good, such as the addon.
			if (round === 0) files = openFileCount();
		}
		expect(openFileCount()).toBe(files);
	});

	it('that never ran is gone when it is closed', () => {
		const files = openFileCount();
		const session = new ProbeSession({ objectDirectory: OBJECT_DIRECTORY });
		expect(openFileCount()).toBeGreaterThan(files);
		session.close();
		session.close();
		expect(openFileCount()).toBe(files);
		expect(session.losses().produced).toBe(0);
	});

	it('that is closed while it runs ends like one that is stopped, and does not run again', async () => {
		const session = new ProbeSession({ objectDirectory: OBJECT_DIRECTORY });
		const consumer = { opened: () => {}, completed: () => {}, processExited: () => {} };
		const running = session.run(consumer);
		session.close();
		await running;
		await expect(session.run(consumer)).rejects.toMatchObject({ code: 'INGERO_BPF_CLOSED' });
	});

	it('admits everything for as long as it is told to', async () => {
		await using target = await Target.start(paths.libcuda);
		await using watch = new Watch({ pids: [target.pid] });
		await watch.attached();
		await target.ask('step 1');
		watch.session.admitAllUntil(Number.POSITIVE_INFINITY);
		// The step under way has been left out already; its read-back is where the next is decided on.
		await target.ask('step 2');
		await target.ask('step 3');
		const losses = await watch.stop();
		const names = driverCalls(watch.batches).map(({ name }) => name);
		const step = [...Array(3).fill('cuLaunchKernel'), 'cuMemcpyDtoHAsync_v2', 'cuStreamSynchronize'];
		expect(names.slice(-5)).toEqual(step);
		expect(losses.sampledOut + losses.delivered).toBe(losses.produced);
	});
});
