// What reading a ring costs. Needs root. Records of 48 bytes, written by a probe in another process; the producer has
// a processor of its own where there are two.
//   full      a full ring is drained at once: nanoseconds a record, best of many
//   steady    a producer paced to some rate, drained every 2 ms: share of one core, records lost
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BpfObject } from '../dist/index.js';

const build = fileURLToPath(new URL('../test/bpf/build/', import.meta.url));
const BURST = 64;
const RING_BYTES = 8 << 20;
const RECORD_BYTES = 48;

const child = spawn(`${build}target`);
const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
const ask = async (command) => {
	child.stdin.write(`${command}\n`);
	await lines.next();
};

const object = BpfObject.open(`${build}ring.bpf.o`, {
	disable: ['blnt_vary'],
	maxEntries: { ring: RING_BYTES },
	readOnlyData: { burst: BURST },
});
object.load();
object.program('blnt_fixed').attachUprobe({ path: `${build}target`, symbol: 'site_00', pid: child.pid });
const ring = object.ring('ring');
const batch = new ArrayBuffer(RING_BYTES);
const dropped = () => Number(new DataView(object.map('.bss').getAt(0).buffer).getBigUint64(8, true));

async function full() {
	const calls = Math.floor(RING_BYTES / (RECORD_BYTES + 8) / BURST);
	let best = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 40; round++) {
		await ask(`call 0 ${calls}`);
		const start = process.hrtime.bigint();
		const length = ring.drain(batch);
		const elapsed = Number(process.hrtime.bigint() - start);
		best = Math.min(best, elapsed / (length / RECORD_BYTES));
	}
	const empty = 1e6;
	const start = process.hrtime.bigint();
	for (let i = 0; i < empty; i++) ring.drain(batch);
	const idle = Number(process.hrtime.bigint() - start) / empty;
	console.log(
		`full ring: ${best.toFixed(1)} ns a record, ${(1e3 / best).toFixed(0)} M records/s; empty call ${idle.toFixed(0)} ns`,
	);
}

async function steady(recordsPerSecond) {
	const lost = dropped();
	const before = ring.counters;
	const start = performance.now();
	const cpu = process.cpuUsage();
	const words = new Uint32Array(batch);
	let sum = 0;
	let busy = true;
	const production = (async () => {
		for (let slice = 0; slice < 300; slice++) {
			const behind = start + slice * 10 - performance.now();
			if (behind > 0) await sleep(behind);
			await ask(`call 0 ${Math.round(recordsPerSecond / 100 / BURST)}`);
		}
		busy = false;
	})();
	while (busy) {
		const length = ring.drain(batch) / 4;
		for (let at = 0; at < length; at += 12) sum += words[at];
		await sleep(2);
	}
	await production;
	const seconds = (performance.now() - start) / 1e3;
	const { user, system } = process.cpuUsage(cpu);
	const records = ring.counters.records - before.records;
	const share = ((user + system) / 1e4 / seconds).toFixed(1);
	console.log(
		`steady: ${(records / seconds / 1e6).toFixed(2)} M records/s, ${share} % of a core, ` +
			`${dropped() - lost} lost, ${(records / (ring.counters.batches - before.batches)) | 0} records a batch (sum ${sum % 10})`,
	);
}

await full();
for (const rate of [0, 1e5, 1e6, 3e6]) await steady(rate);
child.stdin.end();
object.close();
