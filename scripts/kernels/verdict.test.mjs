import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeResult, judge } from './verdict.mjs';

const KERNEL = { name: '6.12', series: '6.12', architecture: 'amd64' };
const hello = {
	type: 'hello',
	release: '6.12.117+deb13-cloud-amd64',
	features: { uprobeMulti: { supported: true } },
};
const check = (name, passed, facts = {}) => ({ type: 'check', name, passed, ...facts });
const flood = check('flood', true, { seen: { produced: 640, delivered: 600, sampledOut: 40 } });
const done = { type: 'done' };
const guest = (...told) => ({ told, ended: 'the emulator ended with 0', log: 'a.log', seconds: 30.4 });

test('a guest that told everything has passed, with its sums', () => {
	const result = judge(
		KERNEL,
		guest(hello, flood, check('eager', true, { seen: { produced: 1, delivered: 1 } }), done),
	);
	assert.equal(result.outcome, 'passed');
	const text = describeResult(result);
	assert.match(text, /^6\.12: passed \(6\.12\.117\+deb13-cloud-amd64, 30 s\): /);
	assert.match(text, /641 calls = 601 delivered \+ 40 sampled out/);
	assert.match(text, /2 of 2 checks$/);
});

test('a failed check fails the kernel, and says why', () => {
	const result = judge(KERNEL, guest(hello, flood, check('eager', false, { reason: 'one\ntwo', code: 'E' }), done));
	assert.equal(result.outcome, 'failed');
	assert.match(describeResult(result), /1 of 2 checks\n {2}eager: one\n {4}two\n {4}E$/);
});

test('a guest that is not the right kernel, stops half-way, says nothing or makes no check has failed', () => {
	const other = { ...hello, release: '6.1.0-50-cloud-amd64' };
	for (const [told, reason] of [
		[[other, flood, done], /it ran Linux 6\.1\.0-50/],
		[[hello, flood], /it ended after “flood”; the emulator ended with 0/],
		[[hello], /it ended after its start/],
		[[], /nothing came from it/],
		[[hello, done], /it made no check/],
	]) {
		const result = judge(KERNEL, guest(...told));
		assert.equal(result.outcome, 'failed');
		assert.match(describeResult(result), reason);
	}
});

test('a kernel that is refused says how', () => {
	const refusal = check('refusal', true, { seen: { exitCode: 2, says: 'boot Linux 5.15' } });
	const result = judge({ ...KERNEL, series: '5.10' }, guest({ ...hello, release: '5.10.0-32' }, refusal, done));
	assert.match(describeResult(result), /refused with exit code 2, “boot Linux 5\.15”; 1 of 1 checks/);
});
