import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { HostProbes } from '../../src/host/host-probes';
import { ownKernelObjects } from '../helpers/kernel-objects';
import { describeKernel } from '../helpers/kernel-suite';
import { OBJECT_DIRECTORY } from '../helpers/watch';
import { HostTarget } from './host-target';
import { HostWatch } from './host-watch';

const MIB = 2n ** 20n;

function watch(...targets: readonly HostTarget[]): HostWatch<HostProbes> {
	const probes = new HostProbes({ blockIo: false, tcp: false, objectDirectory: OBJECT_DIRECTORY });
	probes.setTargets(targets.map(({ pid }) => pid));
	return new HostWatch(probes);
}

/** Nothing is missing: all that hit a probe was read, as a record or in a sum. */
function expectAllAccounted(probes: HostProbes): void {
	const { processes } = probes.losses();
	expect(processes).toBeDefined();
	if (processes === undefined) return;
	const { produced, delivered, summed, dropped, tableFull } = processes;
	expect({ ...dropped, tableFull }).toMatchObject({ ring_full: 0, no_slot: 0, in_flight: 0, tableFull: 0 });
	// An interrupt may want a page while the program is at work on its CPU.
	expect(produced).toBe(delivered + summed + dropped.nested);
}

/** Processes that a map of this process has an entry for. */
function pidsIn(map: string): number[] {
	const bpftool = (...args: readonly string[]) =>
		JSON.parse(execFileSync('bpftool', ['--json', 'map', ...args], { encoding: 'utf8' }));
	return ownKernelObjects()
		.filter(({ kind, id }) => kind === 'map' && bpftool('show', 'id', String(id)).name === map)
		.flatMap(({ id }) => bpftool('dump', 'id', String(id)))
		.map(({ key }: { key: string[] }) => Buffer.from(key.map(Number)).readUInt32LE());
}

describeKernel('the processes that are traced', () => {
	it('tells of children, and not of threads; children are traced from their first moment', async () => {
		await using target = await HostTarget.start();
		using watched = watch(target);
		expect(watched.probes.reports.filter(({ attached }) => !attached)).toEqual([]);
		await target.ask('thread');
		const child = Number(await target.ask('fork 8'));
		const spawned = Number(await target.ask('spawn /bin/true'));
		await target.ask('thread');
		watched.stop();

		const forks = watched.records.filter(({ name }) => name === 'process_fork');
		expect(forks.map(({ pid, tid, args }) => [pid, tid, args[0]])).toEqual([
			[target.pid, target.pid, BigInt(child)],
			[target.pid, target.pid, BigInt(spawned)],
		]);
		const programs = watched.records.filter(({ name }) => name === 'process_exec');
		expect(programs.map(({ pid, tid, args }) => [pid, tid, args[0]])).toEqual([[spawned, spawned, BigInt(spawned)]]);
		expect(programs[0]?.tNs).toBeGreaterThan(forks[1]?.tNs ?? 0n);
		// What the child took is the child's.
		const [pages] = watched.of(child, 'page_alloc');
		expect(pages?.args[1]).toBeGreaterThanOrEqual(8n * MIB);
		expectAllAccounted(watched.probes);
	});

	it('tells which thread replaced the program', async () => {
		await using target = await HostTarget.start();
		using watched = watch(target);
		const thread = BigInt(await target.ask('exec-in-thread'));
		await target.answer();
		watched.stop();
		expect(watched.of(target.pid, 'process_exec').map(({ tid, args }) => [tid, args[0]])).toEqual([
			[target.pid, thread],
		]);
	});

	it('adds up the memory that each takes, and of others nothing', async () => {
		await using target = await HostTarget.start();
		await using stranger = await HostTarget.start();
		using watched = watch(target);
		const fromNs = process.hrtime.bigint();
		await target.ask('touch 64');
		await stranger.ask('touch 64');
		await watched.until(() => watched.of(target.pid, 'page_alloc').length > 0, 'the sum of a second');
		await target.ask('touch 32');
		watched.stop();
		const untilNs = process.hrtime.bigint();

		const records = watched.of(target.pid, 'page_alloc');
		const bytes = records.reduce((sum, { args }) => sum + args[1], 0n);
		expect(bytes).toBeGreaterThanOrEqual(96n * MIB);
		// Page tables and the like come on top, and are little.
		expect(bytes).toBeLessThan(106n * MIB);
		for (const { tNs, durationNs, args } of records) {
			expect(tNs).toBeLessThanOrEqual(untilNs);
			expect(tNs - BigInt(durationNs)).toBeGreaterThanOrEqual(fromNs - 1_000_000_000n);
			expect(args[1] % 4096n).toBe(0n);
			expect(args[0]).toBeGreaterThan(0n);
			expect(args[1]).toBeGreaterThanOrEqual(args[0] * 4096n);
		}
		expect(watched.of(stranger.pid)).toEqual([]);
		expectAllAccounted(watched.probes);
	});

	it('adds up blocks of many pages as what they are', async () => {
		await using target = await HostTarget.start();
		using watched = watch(target);
		await target.ask('send-locally 500');
		watched.stop();
		const [allocations, bytes] = watched.of(target.pid, 'page_alloc')[0]?.args ?? [];
		expect(bytes).toBeGreaterThan((500n * 32n * 1024n) / 2n);
		expect(bytes).toBeGreaterThan(2n * 4096n * (allocations ?? 0n));
	});

	it('forgets those that have ended, with nothing lost of what they took', async () => {
		await using target = await HostTarget.start();
		using watched = watch(target);
		const children: number[] = [];
		for (let i = 0; i < 20; i++) children.push(Number(await target.ask('fork 2')));
		expect(pidsIn('host_targets')).toEqual([target.pid]);
		expect(pidsIn('page_sums').sort()).toEqual([target.pid, ...children].sort());
		await target.end();
		await watched.until(() => children.every((pid) => watched.of(pid, 'page_alloc').length > 0), 'all children');
		const { length } = watched.records;
		await sleep(1100);
		watched.read();
		expect(watched.records).toHaveLength(length);
		expect([pidsIn('host_targets'), pidsIn('page_sums')]).toEqual([[], []]);
		watched.stop();
		for (const pid of children) expect(watched.of(pid, 'page_alloc')[0]?.args[1]).toBeGreaterThanOrEqual(2n * MIB);
		expectAllAccounted(watched.probes);
	});

	it('tells nothing more of a process that is no longer to be traced, and again of one that is', async () => {
		await using target = await HostTarget.start();
		using watched = watch(target);
		await target.ask('touch 16');
		watched.probes.setTargets([]);
		await target.ask('touch 64');
		await target.ask('fork 1');
		await sleep(1100);
		watched.read();
		await sleep(1100);
		watched.read();
		watched.probes.setTargets([target.pid]);
		await target.ask('touch 4');
		await target.ask('fork 1');
		watched.stop();

		const bytes = watched.of(target.pid, 'page_alloc').reduce((sum, { args }) => sum + args[1], 0n);
		expect(bytes).toBeGreaterThanOrEqual(20n * MIB);
		expect(bytes).toBeLessThan(30n * MIB);
		expect(watched.of(target.pid, 'process_fork')).toHaveLength(1);
		expectAllAccounted(watched.probes);
	});

	it('counts what its ring and its table have no room for', async () => {
		await using target = await HostTarget.start();
		using watched = watch(target);
		// A record takes 56 bytes of 256 KiB; sums are kept of 4096 processes until they are read.
		const [forks, room] = [4800, Math.floor((256 << 10) / 56)];
		for (let i = 0; i < forks; i++) target.tell('fork 0');
		for (let i = 0; i < forks; i++) await target.answer();
		watched.stop();

		const losses = watched.probes.losses().processes;
		expect(losses).toBeDefined();
		if (losses === undefined) return;
		const { produced, delivered, summed, dropped } = losses;
		expect(watched.records.filter(({ name }) => name === 'process_fork')).toHaveLength(room);
		expect(watched.records.filter(({ name }) => name === 'page_alloc')).toHaveLength(4096);
		expect(delivered).toBe(room);
		expect(dropped.ring_full).toBe(forks - room);
		// Each child of those takes at least a page of its own.
		expect(dropped.no_slot).toBeGreaterThanOrEqual(forks - 4096);
		expect(produced).toBe(delivered + summed + dropped.ring_full + dropped.no_slot + dropped.nested);
	});
});
