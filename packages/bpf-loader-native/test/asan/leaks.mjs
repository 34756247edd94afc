// Takes every way through the addon in which something is made, in the process and in a worker, and ends by itself, so
// that the leak checker looks. Argument: the folder of the package; with `leak` after it, something does leak (leak.c).
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const [root = workerData, leak] = process.argv.slice(2);
const { BpfObject, detachAll, enableRunStatistics, features, version } = await import(`${root}/dist/index.js`);
const path = (name) => `${root}/test/bpf/build/${name}.bpf.o`;
const target = `${root}/test/bpf/build/target`;

function attempt(action) {
	try {
		action();
	} catch (error) {
		if (!/^INGERO_BPF/.test(error.code) && !(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
		return;
	}
	throw new Error(`did not fail: ${action}`);
}

function failures() {
	attempt(() => BpfObject.open(new Uint8Array(10)));
	attempt(() => BpfObject.open(path('map'), { readOnlyData: { constant_u8: 256 } }));
	const rejected = BpfObject.open(path('reject'));
	attempt(() => rejected.load());
	attempt(() => rejected.load());
	rejected.close();
	using object = BpfObject.open(path('uprobe'));
	object.load();
	const program = object.program('blnt_count');
	attempt(() => program.attachUprobe({ path: '/nowhere', symbol: 'x' }));
	attempt(() => program.attachUprobe({ path: target, symbol: 'no_such_site' }));
	attempt(() => program.attachUprobeMulti({ path: target, offsets: [1] }));
	attempt(() => program.attachKprobe({ symbol: 'no_such_function' }));
	attempt(() => program.attachTracepoint('no', 'such'));
	attempt(() => program.attachBtfTracepoint());
	attempt(() => object.structLayout('nothing'));
	attempt(() => object.map('hits').get(new Uint8Array(1)));
	attempt(() => object.map('hits').startHeartbeat({ key: new Uint8Array(1), intervalMs: 1 }));
}

function use() {
	const object = BpfObject.open(path('uprobe'), { attachTypes: { blnt_count: 'uprobe.multi' } });
	object.load();
	const map = object.map('hits');
	for (let i = 0; i < 100; i++) map.set(new Uint8Array(BigUint64Array.of(BigInt(i)).buffer), new Uint8Array(8));
	[...map.entries()].length;
	map.clear();
	map.startHeartbeat({ key: new Uint8Array(8), intervalMs: 1 }).stop();
	map.startHeartbeat({ key: new Uint8Array(8), intervalMs: 1 });
	const rings = BpfObject.open(path('ring'), { disable: ['blnt_vary'] });
	rings.load();
	rings.ring('ring').drain(new ArrayBuffer(4096));
	const program = rings.program('blnt_fixed');
	const links = [1, 2, 3].map(() => program.attachUprobe({ path: target, symbol: 'site_00' }));
	links[0].detach();
	detachAll(links);
	program.attachUprobe({ path: target, symbol: 'site_01' });
	enableRunStatistics().close();
	program.statistics();
}

features();
version();
failures();
// What this does not close is left to garbage collection and the end of the thread.
use();
if (isMainThread) {
	const worker = new Worker(fileURLToPath(import.meta.url), { workerData: root });
	await once(worker, 'exit');
	if (leak) process.dlopen({ exports: {} }, `${root}/build/leak.node`);
}
