// A worker that starts a heartbeat and waits. Data: { object }.
import { parentPort, workerData } from 'node:worker_threads';
import { BpfObject } from '../../../dist/index.js';

const object = BpfObject.open(workerData.object);
object.load();
object.map('hits').startHeartbeat({ key: new Uint8Array(8), intervalMs: 1000 });
parentPort.postMessage('beating');
parentPort.on('message', () => object.close());
