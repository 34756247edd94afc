import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { BpfObject, features } from '@ingero/bpf-loader-native';
import { check } from './report.mjs';

const OBJECT = new URL('count.bpf.o', import.meta.url).pathname;
const FUNCTION = 'vfs_rename';
const CALLS = 100;
const BY_KPROBE = 0;
const BY_FENTRY = 1;

/** Probes on a function of the kernel: each call is counted once, and none after the probe is gone. */
export async function checkKernelFunctions() {
	await check('kprobe', () =>
		countCalls('entered_by_kprobe', BY_KPROBE, (program) => program.attachKprobe({ symbol: FUNCTION })),
	);
	await check('fentry', () => {
		const count = () => countCalls('entered_by_fentry', BY_FENTRY, (program) => program.attachBtfTracepoint());
		if (features().fentry.supported) return count();
		assert.throws(count, { name: 'BpfError' });
		return { calls: 0 };
	});
}

function countCalls(name, way, attach) {
	const others = ['entered_by_kprobe', 'entered_by_fentry'].filter((other) => other !== name);
	const object = BpfObject.open(OBJECT, { readOnlyData: { thread: process.pid }, disable: others });
	try {
		object.load();
		const link = attach(object.program(name));
		call();
		link.detach();
		const counted = entries(object, way);
		call();
		assert.equal(counted, CALLS);
		assert.equal(entries(object, way), CALLS);
		return { calls: CALLS };
	} finally {
		object.close();
	}
}

function entries(object, way) {
	return Number(new DataView(object.map('entries').getAt(way).buffer).getBigUint64(0, true));
}

function call() {
	writeFileSync('/tmp/renamed-0', '');
	for (let i = 0; i < CALLS; i++) renameSync(`/tmp/renamed-${i % 2}`, `/tmp/renamed-${(i + 1) % 2}`);
}
