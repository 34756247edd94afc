import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { HostProbes } from '../../src/host/host-probes';
import { OBJECT_DIRECTORY } from '../helpers/watch';
import { HostTarget } from './host-target';
import { type HostRecord, HostWatch } from './host-watch';
import { describeWithTools } from './with-tools';

const KIB = 1024n;
const MIB = 2n ** 20n;

/** A loop device on a file of 16 MiB, and what the kernel calls it. */
class LoopDevice implements Disposable {
	readonly path: string;
	readonly number: bigint;
	readonly #folder = mkdtempSync(join(tmpdir(), 'block-'));

	constructor(scheduler = 'none') {
		const file = join(this.#folder, 'file');
		execFileSync('truncate', ['-s', '16M', file]);
		this.path = run('losetup', '--find', '--show', file);
		writeFileSync(`/sys/block/${basename(this.path)}/queue/scheduler`, scheduler);
		const { rdev } = statSync(this.path);
		// include/linux/kdev_t.h, from what glibc makes of it (sys/sysmacros.h), for numbers below 256.
		this.number = (BigInt((rdev >> 8) & 0xfff) << 20n) | BigInt(rdev & 0xff);
	}

	[Symbol.dispose](): void {
		run('losetup', '--detach', this.path);
		rmSync(this.#folder, { recursive: true });
	}
}

function run(command: string, ...args: readonly string[]): string {
	return execFileSync(command, args, { encoding: 'utf8' }).trim();
}

function watch(): HostWatch<HostProbes> {
	return new HostWatch(new HostProbes({ tcp: false, objectDirectory: OBJECT_DIRECTORY }));
}

const deviceOf = ({ args }: HostRecord) => args[2] & 0xffff_ffffn;
const operationOf = ({ args }: HostRecord) => (args[2] >> 32n) & 0xffn;
const failed = ({ args }: HostRecord) => args[2] >> 40n;
const bytesOf = (records: readonly HostRecord[]) => records.reduce((sum, { args }) => sum + args[0], 0n);

describeWithTools('requests to block devices', ['losetup', 'truncate'], () => {
	// With a scheduler, requests are queued by one and issued by another.
	it.each(['none', 'mq-deadline'])('are told with their bytes, place, time and process (%s)', async (scheduler) => {
		using device = new LoopDevice(scheduler);
		await using target = await HostTarget.start();
		using watched = watch();
		expect(watched.probes.reports.filter(({ attached }) => !attached)).toEqual([]);
		const fromNs = process.hrtime.bigint();
		await target.ask(`write-direct ${device.path}`);
		await target.ask(`read-direct ${device.path}`);
		watched.stop();
		const untilNs = process.hrtime.bigint();

		const requests = watched.of(target.pid).filter((record) => deviceOf(record) === device.number);
		for (const [name, operation] of [
			['block_write', 1n],
			['block_read', 0n],
		] as const) {
			const own = requests.filter((record) => record.name === name);
			expect(bytesOf(own)).toBe(64n * KIB);
			// One after the other from the start of the device, in sectors of 512 bytes.
			let sector = 0n;
			for (const record of own.sort((a, b) => Number(a.args[1] - b.args[1]))) {
				expect(record.args[1]).toBe(sector);
				sector += record.args[0] / 512n;
				expect(operationOf(record)).toBe(operation);
				expect(failed(record)).toBe(0n);
				expect(record.tid).toBe(target.pid);
				expect(record.durationNs).toBeGreaterThan(0);
				expect(record.tNs - BigInt(record.durationNs)).toBeGreaterThan(fromNs);
				expect(record.tNs).toBeLessThan(untilNs);
			}
		}
		expect(requests.map(({ name }) => name)).not.toContain('block_other');
	});

	it('tell reading, writing, flushing and discarding apart', async () => {
		using device = new LoopDevice();
		await using target = await HostTarget.start();
		using watched = watch();
		await target.ask(`write-cached ${device.path}`);
		await target.ask(`discard ${device.path}`);
		watched.stop();

		const requests = watched.records.filter((record) => deviceOf(record) === device.number);
		const named = (name: string) => requests.filter((record) => record.name === name);
		// fdatasync() writes in the caller's name, and ends with a flush.
		expect(bytesOf(named('block_write').filter(({ pid }) => pid === target.pid))).toBe(256n * KIB);
		expect(named('block_flush').length).toBeGreaterThan(0);
		for (const flush of named('block_flush')) expect([operationOf(flush), flush.args[0]]).toEqual([2n, 0n]);
		expect(bytesOf(named('block_discard'))).toBe(2n * MIB);
		// What threads of the kernel have in hand, as the loop device's for its file, is nobody's.
		for (const pid of new Set(watched.records.map((record) => record.pid))) expect(isKernelThread(pid)).toBe(false);
		expect(named('block_discard').map(({ args, pid }) => [args[1], pid])).toEqual([[2048n, target.pid]]);
	});

	it('are all accounted for, on every device of the machine', async () => {
		using folder = new Folder();
		await using target = await HostTarget.start();
		using watched = watch();
		for (let i = 0; i < 50; i++) {
			await target.ask(`write-direct ${folder.path}/${i}`);
			await target.ask(`read-direct ${folder.path}/${i}`);
		}
		await watched.until(() => (watched.probes.losses().block_io?.dropped.in_flight ?? 0) <= 0, 'the end of requests');
		watched.stop();
		const own = watched.of(target.pid);
		expect(bytesOf(own.filter(({ name }) => name === 'block_write'))).toBeGreaterThanOrEqual(50n * 64n * KIB);
		expect(bytesOf(own.filter(({ name }) => name === 'block_read'))).toBeGreaterThanOrEqual(50n * 64n * KIB);

		const losses = watched.probes.losses().block_io;
		expect(losses).toBeDefined();
		if (losses === undefined) return;
		expect(losses.delivered).toBe(watched.records.filter(({ name }) => name.startsWith('block_')).length);
		const { ring_full, no_slot, nested, in_flight } = losses.dropped;
		expect(losses.produced).toBe(losses.delivered + ring_full + no_slot + nested + in_flight);
		expect([ring_full, no_slot]).toEqual([0, 0]);
	});
});

/** PF_KTHREAD among the flags of /proc/PID/stat, the 9th field; false for one that has ended. */
function isKernelThread(pid: number): boolean {
	try {
		const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
		return (Number(fields.split(' ')[6]) & 0x0020_0000) !== 0;
	} catch {
		return false;
	}
}

class Folder implements Disposable {
	readonly path = mkdtempSync(join(tmpdir(), 'block-'));

	[Symbol.dispose](): void {
		rmSync(this.path, { recursive: true });
	}
}
