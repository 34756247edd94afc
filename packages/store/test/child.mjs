/** Writes steps for ever, and says after each flush how many are committed. Arguments: index URL, worker URL, path. */
import { writeSync } from 'node:fs';

const [indexUrl, workerUrl, path] = process.argv.slice(2);
const { Store } = await import(indexUrl);
const store = await Store.open({ path, session: { node: 'child' }, workerUrl: new URL(workerUrl) });
const step = {
	pid: 1,
	tid: 1,
	cgroupPathHash: '',
	streamHandle: 0n,
	phase: 'decode',
	startNs: 0n,
	endNs: 1n,
	stepDurationNs: 1,
	launchCount: 1,
	graphLaunchCount: 0,
	gridBlocks: 1,
	memcpyBytes: 0,
	bucket: null,
	ratio: null,
	baselineP95Ns: null,
	warmed: false,
};

for (;;) {
	store.appendSteps(new Array(1500).fill(step));
	store.appendEvents(new Uint8Array(48 * 1500));
	await store.flush();
	writeSync(1, `${store.counters().steps.written}\n`);
	store.appendSteps(new Array(1500).fill(step)); // in flight when the end comes
	await new Promise(setImmediate);
}
