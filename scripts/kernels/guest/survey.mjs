import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { features } from '@ingero/bpf-loader-native';
import { selfTest } from '@ingero/probes';

const INGERO = new URL('../node_modules/@ingero/agent/bin/ingero.js', import.meta.url).pathname;

/** Runs the agent's command line to its end. */
export function ingero(...args) {
	const { status, stdout, stderr, error } = spawnSync(process.execPath, [INGERO, ...args], { encoding: 'utf8' });
	if (error !== undefined) throw error;
	return { status, stdout, stderr };
}

/** First kernel with a feature; what Debian's kernels have been built with is there in all. */
const SINCE = {
	btf: [0, 0],
	ring: [5, 8],
	uprobe: [0, 0],
	uprobeCookie: [5, 15],
	uprobeMulti: [6, 6],
	uprobeMultiPid: [6, 10],
	uprobeSession: [6, 13],
	tracepoint: [0, 0],
	kprobe: [0, 0],
	fentry: process.arch === 'arm64' ? [6, 4] : [5, 5],
};

/** What the loader finds out by trying is what this version is known to have. */
export function checkFeatures(isAtLeast) {
	const { kernel, ...found } = features();
	const supported = Object.fromEntries(Object.keys(SINCE).map((name) => [name, found[name].supported]));
	const expected = Object.fromEntries(Object.entries(SINCE).map(([name, since]) => [name, isAtLeast(...since)]));
	assert.deepEqual(supported, expected);
	for (const [name, feature] of Object.entries(found)) {
		if (!feature.supported) assert.match(feature.reason, /needs Linux \d|built without/, name);
	}
	return supported;
}

/** `ingero check` finds nothing missing. */
export function checkAgent() {
	const { status, stdout, stderr } = ingero('check', '--json', '--strict');
	assert.equal(stderr, '');
	const { checks } = JSON.parse(stdout);
	assert.deepEqual(
		checks.filter((result) => result.status === 'missing'),
		[],
	);
	assert.equal(status, 0);
	return { checks: checks.length };
}

/** Probes at entries and returns do no harm to a process with a strict seccomp filter. */
export function checkSelfTest() {
	const { entries, returns, longNops } = selfTest();
	assert.deepEqual([entries, returns], [{ safe: true }, { safe: true }]);
	return { longNops: longNops.safe };
}
