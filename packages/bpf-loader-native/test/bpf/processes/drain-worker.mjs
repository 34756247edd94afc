// A worker that drains a ring without end. Data: { object, target }.
import { parentPort, workerData } from 'node:worker_threads';
import { BpfObject } from '../../../dist/index.js';

const object = BpfObject.open(workerData.object, { maxEntries: { ring: 1 << 20 } });
object.load();
object.program('blnt_fixed').attachUprobe({ path: workerData.target, symbol: 'site_00' });
const ring = object.ring('ring');
const batch = new ArrayBuffer(1 << 20);
let drained = false;
for (;;) {
	const length = ring.drain(batch);
	if (length > 0 && !drained) parentPort.postMessage('drained');
	drained ||= length > 0;
}
