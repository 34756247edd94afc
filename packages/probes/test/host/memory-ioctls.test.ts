import { features } from '@ingero/bpf-loader-native';
import { expect, it } from 'vitest';
import { ioctlClass } from '../../src/host/ioctl-classes';
import { MemoryIoctlProbes, type MemoryIoctlWay } from '../../src/host/memory-ioctls';
import { describeKernel } from '../helpers/kernel-suite';
import { OBJECT_DIRECTORY } from '../helpers/watch';
import { HostTarget } from './host-target';
import { HostWatch } from './host-watch';

const [ENOTTY, F] = [25, 0x46];

/** Reads and writes an argument of 32 bytes, as most of the driver's do. */
const command = (number: number, type = F) => ((0xc020_0000 | (type << 8) | number) >>> 0).toString(16);
const asWord = (text: string) => BigInt(`0x${text}`);

function probe(ways: readonly MemoryIoctlWay[], symbol?: string): MemoryIoctlProbes {
	return new MemoryIoctlProbes({ ways, symbol, objectDirectory: OBJECT_DIRECTORY });
}

describeKernel('ioctls of the NVIDIA driver', () => {
	it('are counted at the system call, those about memory told with result and duration', async () => {
		await using target = await HostTarget.start();
		using watched = new HostWatch(probe(['tracepoint']));
		expect(watched.probes.way).toBe('tracepoint');
		// There is no driver here that answers; that it was asked is the same.
		expect(await target.ask(`ioctl ${command(0x2b)} 3 /dev/null`)).toBe(String(ENOTTY));
		await target.ask(`ioctl ${command(0x29)} 2 /dev/null`);
		await target.ask(`ioctl ${command(0x2a)} 5 /dev/null`);
		watched.stop();

		const all = watched.of(target.pid);
		expect(all.map(({ name }) => name)).toEqual([
			...Array(3).fill('nvidia_ioctl_alloc'),
			...Array(2).fill('nvidia_ioctl_free'),
		]);
		for (const { name, tid, args, durationNs } of all) {
			const number = name === 'nvidia_ioctl_alloc' ? 0x2b : 0x29;
			expect([tid, args[0], args[2]]).toEqual([target.pid, asWord(command(number)), BigInt(number)]);
			expect(BigInt.asIntN(64, args[1])).toBe(BigInt(-ENOTTY));
			expect(durationNs).toBeGreaterThan(0);
		}
		expect(watched.probes.counts().filter(({ pid }) => pid === target.pid)).toEqual(
			expect.arrayContaining([
				{ pid: target.pid, number: 0x2b, about: 'alloc', count: 3 },
				{ pid: target.pid, number: 0x29, about: 'free', count: 2 },
				{ pid: target.pid, number: 0x2a, about: 'control', count: 5 },
			]),
		);
		expect(watched.probes.losses()).toEqual({
			produced: 10,
			delivered: 5,
			summed: 5,
			dropped: { ring_full: 0, no_slot: 0, nested: 0, in_flight: 0 },
			tableFull: 0,
		});
	});

	it('are in the classes that the table names, every number of them', async () => {
		await using target = await HostTarget.start();
		using watched = new HostWatch(probe(['tracepoint']));
		const numbers = Array.from({ length: 256 }, (_, number) => number);
		for (const number of numbers) await target.ask(`ioctl ${command(number)} 1 /dev/null`);
		watched.stop();

		const counts = watched.probes.counts().filter(({ pid }) => pid === target.pid);
		// The first numbers of the type are the frame buffers'; 0xd3 means another number, here 0x29.
		const driver = numbers.filter((number) => number >= 0x27 && number !== 0xd3);
		expect(new Set(counts.map(({ number }) => number))).toEqual(new Set(driver));
		expect(counts.map(({ number, count }) => [number, count]).sort(([a = 0], [b = 0]) => a - b)).toEqual(
			driver.map((number) => [number, number === 0x29 ? 2 : 1]),
		);
		const told = { nvidia_ioctl_alloc: 'alloc', nvidia_ioctl_free: 'free' } as Record<string, string>;
		const records = watched.of(target.pid);
		expect(records.map(({ name, args }) => [Number(args[2]), told[name]])).toEqual(
			[...driver, 0x29]
				.filter((number) => ['alloc', 'free'].includes(ioctlClass(number)))
				.map((number) => [number, ioctlClass(number)]),
		);
		expect(records.at(-1)?.args[0]).toBe(asWord(command(0xd3)));
	});

	it('are not those of other drivers', async () => {
		await using target = await HostTarget.start();
		using watched = new HostWatch(probe(['tracepoint']));
		await target.ask(`ioctl ${command(0x2b, 0x47)} 3 /dev/null`);
		watched.stop();
		expect(watched.of(target.pid)).toEqual([]);
		expect(watched.probes.counts().filter(({ pid }) => pid === target.pid)).toEqual([]);
	});

	it('are forgotten with their process, and stay known after the end of the watch', async () => {
		await using target = await HostTarget.start();
		await using other = await HostTarget.start();
		const probes = probe(['tracepoint']);
		for (const each of [target, other]) await each.ask(`ioctl ${command(0x2b)} 1 /dev/null`);
		probes.forgetProcess(target.pid);
		probes.close();
		expect(probes.counts().map(({ pid }) => pid)).toEqual([other.pid]);
		expect(probes.losses()).toMatchObject({ produced: 2, summed: 0 });
		probes.close();
		expect(probes.counts().map(({ pid }) => pid)).toEqual([other.pid]);
	});

	it('are counted at a function of the kernel, or the kernel’s reason is told', async () => {
		await using target = await HostTarget.start();
		using watched = new HostWatch(probe(['kprobe'], 'security_file_ioctl'));
		const { kprobe } = features();
		await target.ask(`ioctl ${command(0x2b)} 3 /dev/null`);
		watched.stop();
		if (kprobe.supported) {
			expect(watched.probes.way).toBe('kprobe');
			expect(watched.of(target.pid).map(({ name, args }) => [name, args])).toEqual(
				Array(3).fill(['nvidia_ioctl_alloc', [asWord(command(0x2b)), 0n, 0x2bn]]),
			);
			expect(watched.probes.losses()).toMatchObject({ produced: 3, delivered: 3 });
		} else {
			expect(watched.probes.way).toBeUndefined();
			expect(watched.probes.reports).toMatchObject([
				{ way: 'kprobe', program: 'ioctl_kprobe', attached: false, reason: expect.stringMatching(/kprobe/i) },
			]);
			expect(watched.probes.losses()).toBeUndefined();
			expect(watched.records).toEqual([]);
		}
	});

	it('fall back on the next way, each refusal told', async () => {
		await using target = await HostTarget.start();
		using watched = new HostWatch(probe(['fentry', 'kprobe', 'tracepoint'], 'no_such_function'));
		await target.ask(`ioctl ${command(0x2b)} 1 /dev/null`);
		watched.stop();
		expect(watched.probes.way).toBe('tracepoint');
		expect(watched.probes.reports.map(({ way, attached, reason }) => [way, attached, reason !== undefined])).toEqual([
			['fentry', false, true],
			['kprobe', false, true],
			['tracepoint', true, false],
			['tracepoint', true, false],
		]);
		expect(watched.of(target.pid)).toHaveLength(1);
	});
});
