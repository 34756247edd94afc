import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { type BpfHeartbeat, BpfObject } from '../../src/index';
import { describeBpf, heartbeatThreads, objectPath, openFileCount, processFile, readU64, u64 } from './support';

const KEY = u64(7);

function loaded(name = 'uprobe'): BpfObject {
	const object = BpfObject.open(objectPath(name), name === 'map' ? { disable: ['impossible', 'blnt_impossible'] } : {});
	object.load();
	return object;
}

/** Keeps the event loop busy until there were that many beats. */
function blockUntil(heartbeat: BpfHeartbeat, beats: number): void {
	const deadline = Date.now() + 20_000;
	while (heartbeat.beats < beats && Date.now() < deadline);
}

/** Since boot, suspended times included, in ns; the file has hundredths of a second. */
function uptimeNs(): number {
	return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e9;
}

describeBpf('heartbeat', ['uprobe'], () => {
	it('has written the time when it returns, and goes on while the event loop is busy, until stopped', () => {
		using object = loaded();
		const map = object.map('hits');
		const before = uptimeNs();
		const heartbeat = map.startHeartbeat({ key: KEY, intervalMs: 5 });
		const first = readU64(map.get(KEY));
		expect(first).toBeGreaterThanOrEqual(before);
		expect(first).toBeLessThan(uptimeNs() + 1e7);
		blockUntil(heartbeat, 4);
		expect(heartbeat.beats).toBeGreaterThanOrEqual(4);
		heartbeat.stop();
		const last = readU64(map.get(KEY));
		const { beats } = heartbeat;
		expect(last - first).toBeGreaterThanOrEqual(3 * 5e6);
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
		expect(readU64(map.get(KEY))).toBe(last);
		expect(heartbeat.beats).toBe(beats);
		heartbeat.stop();
		expect(heartbeatThreads()).toBe(0);
	});

	it('writes into arrays too, and several at once', () => {
		using object = loaded('map');
		const map = object.map('constants');
		const key = (index: number): Uint8Array => new Uint8Array(Uint32Array.of(index).buffer);
		const beating = [1, 2, 3].map((index) => map.startHeartbeat({ key: key(index), intervalMs: 2 }));
		expect(heartbeatThreads()).toBe(3);
		for (const heartbeat of beating) blockUntil(heartbeat, 3);
		expect([0, 1, 2, 3, 4].map((index) => readU64(map.getAt(index)) > 0)).toEqual([false, true, true, true, false]);
	});

	it('ends when its object is closed, and leaves no file open', () => {
		const files = openFileCount();
		const object = loaded();
		object.map('hits').startHeartbeat({ key: KEY, intervalMs: 1000 });
		expect(heartbeatThreads()).toBe(1);
		object.close();
		expect(heartbeatThreads()).toBe(0);
		expect(openFileCount()).toBe(files);
		expect(() => object.map('hits').startHeartbeat({ key: KEY, intervalMs: 1 })).toThrow(
			expect.objectContaining({ code: 'INGERO_BPF_CLOSED' }),
		);
	});

	it('ends with the worker that started it', async () => {
		const worker = new Worker(processFile('heartbeat-worker.mjs'), { workerData: { object: objectPath('uprobe') } });
		await once(worker, 'message');
		expect(heartbeatThreads()).toBe(1);
		await worker.terminate();
		expect(heartbeatThreads()).toBe(0);
	});

	it('refuses maps, keys and intervals that cannot be', () => {
		using object = loaded();
		using maps = loaded('map');
		const map = object.map('hits');
		expect(() => map.startHeartbeat({ key: KEY, intervalMs: 0 })).toThrow(TypeError);
		expect(() => map.startHeartbeat({ key: KEY, intervalMs: 0.5 })).toThrow(TypeError);
		expect(() => map.startHeartbeat({ key: KEY.subarray(1), intervalMs: 5 })).toThrow(TypeError);
		expect(() => maps.map('table').startHeartbeat({ key: KEY, intervalMs: 5 })).toThrow(TypeError);
		expect(() => maps.map('per_cpu').startHeartbeat({ key: new Uint8Array(4), intervalMs: 5 })).toThrow(TypeError);
		const pastTheEnd = new Uint8Array(Uint32Array.of(99).buffer);
		expect(() => maps.map('constants').startHeartbeat({ key: pastTheEnd, intervalMs: 5 })).toThrow(
			expect.objectContaining({ code: 'INGERO_BPF_MAP', errnoName: 'E2BIG' }),
		);
		expect(heartbeatThreads()).toBe(0);
	});
});
