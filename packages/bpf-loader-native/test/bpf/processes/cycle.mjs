// Opens, uses and closes objects in workers, all at once.
// Arguments: object, target program, workers, cycles of each, seed.
// Prints one line of JSON: files open before and after, threads that still write heartbeats.

import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { BpfObject, detachAll } from '../../../dist/index.js';

const KEY = new Uint8Array(4);

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function random(seed) {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** One object from open to close, or not closed: then it goes with its thread. */
function cycle({ object: path, target }, draw) {
	const object = BpfObject.open(path, {
		disable: ['blnt_vary'],
		maxEntries: { ring: 4096 << Math.floor(draw() * 5) },
		attachTypes: { blnt_fixed: 'uprobe.multi' },
	});
	if (draw() < 0.1) return object.close();
	object.load();
	const ring = object.ring('ring');
	const map = object.map('sign_of_life');
	const heartbeats = [map, map].map((each) => each.startHeartbeat({ key: KEY, intervalMs: 1 }));
	const links = ['blnt_slow', 'blnt_slow'].map((name) =>
		object.program(name).attachUprobe({ path: target, symbol: 'site_00' }),
	);
	ring.drain(new ArrayBuffer(1 << 16));
	try {
		object.program('blnt_fixed').attachUprobe({ path: target, symbol: 'no_such_site' });
	} catch (error) {
		if (error.code !== 'INGERO_BPF_ATTACH') throw error;
	}
	if (map.getAt(0).every((byte) => byte === 0)) throw new Error('no heartbeat');
	const end = draw();
	if (end < 0.3) heartbeats[0].stop();
	if (end < 0.6) detachAll(links);
	if (end < 0.9) object.close();
}

async function run({ workers, ...rest }) {
	const started = Array.from({ length: workers }, (_, i) => {
		const data = { ...rest, seed: rest.seed + i };
		return new Worker(fileURLToPath(import.meta.url), { workerData: data });
	});
	await Promise.all(started.map((worker) => once(worker, 'exit')));
}

const files = () => readdirSync('/proc/self/fd').length;
const heartbeats = () =>
	readdirSync('/proc/self/task').filter(
		(thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'bpf-heartbeat',
	).length;

if (isMainThread) {
	const [object, target, workers, count, seed] = process.argv.slice(2);
	const options = { object, target, workers: Number(workers), count: Number(count), seed: Number(seed) };
	// What is opened once and kept, by Node and by the addon, is open from here on.
	await run({ ...options, count: 1 });
	const before = files();
	await run(options);
	console.log(JSON.stringify({ before, after: files(), heartbeats: heartbeats() }));
} else {
	const draw = random(workerData.seed);
	for (let i = 0; i < workerData.count; i++) cycle(workerData, draw);
}
