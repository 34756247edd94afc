import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OTHER, Script, STATE, twoSteps, us, WORKER } from './synthetic/script';

describe.each(['thread', 'current'] as const)('scheduler events that name the %s', (form) => {
	test('undisturbed, a step is running until its read-back, and waiting from there', () => {
		expect(us(twoSteps(form).evidence())).toEqual({ span: 4000, running: 1000, wait: 3000 });
	});

	test('preempted while it enqueues, or while it polls after its read-back: ready without a CPU', () => {
		const script = twoSteps(form).off(1200, 1700, STATE.preempted, { next: 3 }).off(2100, 2300, STATE.preempted);
		expect(us(script.evidence())).toEqual({ span: 4000, running: 500, wait: 2800, runQueue: 700 });
	});

	test('preempted inside a wait: part of the wait', () => {
		const script = twoSteps(form).off(3500, 4500, STATE.preempted, { next: 3 });
		expect(us(script.evidence())).toEqual({ span: 4000, running: 1000, wait: 3000, waitRunQueue: 1000 });
	});

	test('asleep inside a wait: waiting, whatever for', () => {
		const script = twoSteps(form).off(3500, 4500, STATE.asleep, { wokenUs: 4400 });
		expect(us(script.evidence())).toEqual({ span: 4000, running: 1000, wait: 3000, waitRunQueue: 100 });
	});

	test('asleep outside: until it is woken, and ready from then on', () => {
		const script = twoSteps(form).off(1200, 1700, STATE.asleep, { wokenUs: 1600 });
		expect(us(script.evidence())).toEqual({ span: 4000, running: 500, wait: 3000, blocked: 400, runQueue: 100 });
	});

	test('in uninterruptible sleep', () => {
		const script = twoSteps(form).off(1200, 1700, STATE.disk, { wokenUs: 1700 });
		expect(us(script.evidence())).toEqual({ span: 4000, running: 500, wait: 3000, io: 500 });
	});

	test('asleep while another thread of the process ran at both ends: a lock', () => {
		const script = twoSteps(form).runs(1150, 1650, WORKER).off(1200, 1700, STATE.asleep, { wokenUs: 1640 });
		// The worker is known by a call of its own.
		script.call(50, 'copy', { tid: WORKER });
		expect(us(script.evidence())).toMatchObject({ lock: 440, runQueue: 60 });
	});

	test('asleep from when nothing else of the process ran: no lock', () => {
		const script = twoSteps(form).call(50, 'copy', { tid: WORKER });
		script.off(60, 1500, STATE.asleep, { tid: WORKER, wokenUs: 1500 });
		script.off(1200, 1700, STATE.asleep, { wokenUs: 1640 });
		expect(us(script.evidence())).toMatchObject({ blocked: 440 });
	});

	test('ready while another thread of the process has the CPU', () => {
		const script = twoSteps(form).call(50, 'copy', { tid: WORKER });
		script.off(1200, 1700, STATE.preempted, { next: WORKER });
		expect(us(script.evidence())).toMatchObject({ runQueue: 500, behindSibling: 500 });
	});

	test('another thread that is ready without a CPU', () => {
		const script = twoSteps(form).call(50, 'copy', { tid: WORKER });
		script.off(1200, 1700, STATE.preempted, { tid: WORKER, next: 3 });
		expect(us(script.evidence())).toMatchObject({ running: 1000, siblingRunQueue: 500 });
	});

	test('inside a timed allocation', () => {
		const script = twoSteps(form).call(1800, 'alloc', { tookUs: 600 }).off(1300, 1500, STATE.asleep);
		expect(us(script.evidence())).toMatchObject({ running: 400, alloc: 600, wait: 3000 });
	});

	test('another CUDA process that shares a CPU', () => {
		const script = twoSteps(form).call(50, 'launch', { pid: OTHER, tid: OTHER });
		script.off(1200, 1700, STATE.preempted, { next: OTHER });
		expect(script.evidence()).toMatchObject({ neighbourPid: OTHER, neighbourSwitches: 2 });
	});
});

describe('where only threads that use CUDA are recorded', () => {
	/** Steps of 20 ms. */
	const twoLongSteps = () =>
		new Script('current')
			.call(100, 'launch')
			.call(200, 'readBack')
			.call(1000, 'wait', { tookUs: 700 })
			.call(19_000, 'launch')
			.call(19_100, 'readBack')
			.call(21_000, 'wait', { tookUs: 700 });

	test.each([[], ['sched_wakeup']])('asking again and again is a lock (without %s)', (...without) => {
		const chain = twoLongSteps()
			.off(1200, 6300, STATE.asleep)
			.off(6310, 11_400, STATE.asleep)
			.off(11_420, 12_000, STATE.asleep);
		expect(us(chain.evidence({ without }))).toMatchObject({ lock: 5_100 + 5_090 + 580 });
	});

	test.each([[], ['sched_wakeup']])('sleeping once, or a while, or for long, is none (without %s)', (...without) => {
		const once = twoLongSteps().off(1200, 6300, STATE.asleep);
		expect(us(once.evidence({ without }))).toMatchObject({ blocked: 5_100 });
		const polling = twoLongSteps().off(1200, 2300, STATE.asleep).off(2310, 3400, STATE.asleep);
		expect(us(polling.evidence({ without }))).toMatchObject({ blocked: 2_190 });
		const pause = twoLongSteps().off(1200, 12_000, STATE.asleep).off(12_010, 18_000, STATE.asleep);
		expect(us(pause.evidence({ without }))).toMatchObject({ blocked: 16_790 });
	});

	test('but not where others are recorded too, and none of them ran', () => {
		const chain = twoLongSteps().runs(210, 220, WORKER).off(1200, 6300, STATE.asleep).off(6310, 11_400, STATE.asleep);
		expect(us(chain.evidence())).toMatchObject({ blocked: 10_190 });
	});
});

test('what else went on: copies of other threads, launches of other processes', () => {
	const script = twoSteps('thread').call(1500, 'copy', { tid: WORKER, bytes: 1_000_000 });
	for (const atUs of [900, 1300, 1400, 4000]) script.call(atUs, 'launch', { pid: OTHER, tid: OTHER });
	script.call(1600, 'copy', { bytes: 500 });
	expect(script.evidence()).toMatchObject({ otherCopiedBytes: 1_000_000, foreignLaunches: 3 });
});

test('the thread that waits may be another one than the one that enqueues', () => {
	const script = new Script('thread');
	for (const [atUs, waitedUs] of [
		[0, 1000],
		[1100, 3000],
	] as const) {
		script.call(atUs + 100, 'launch').call(atUs + 200, 'readBack');
		script.call(waitedUs, 'wait', { tid: WORKER, tookUs: 300 });
	}
	script.off(1120, 1170, STATE.preempted, { next: 3 });
	expect(us(script.evidence())).toEqual({ span: 2000, running: 1650, runQueue: 50, wait: 300 });
});

test('the first step of a thread has no evidence: its beginning is not known', () => {
	const script = new Script('thread').call(100, 'launch').call(200, 'readBack').call(1000, 'wait', { tookUs: 700 });
	expect(script.evidence()).toBeUndefined();
});

test('the times are a partition of the span, however the thread is switched', () => {
	const off = fc.record({
		gapUs: fc.integer({ min: 1, max: 400 }),
		offUs: fc.integer({ min: 1, max: 400 }),
		state: fc.constantFrom(...Object.values(STATE)),
		next: fc.constantFrom(0, 3, WORKER),
	});
	fc.assert(
		fc.property(fc.array(off, { maxLength: 12 }), fc.constantFrom('thread', 'current' as const), (offs, form) => {
			const script = twoSteps(form as 'thread').call(50, 'copy', { tid: WORKER });
			let atUs = 1005;
			for (const { gapUs, offUs, state, next } of offs) {
				if (atUs + gapUs + offUs >= 5000) break;
				// No thread makes a call while it is off the CPU.
				const [fromUs, untilUs] = [atUs + gapUs, atUs + gapUs + offUs];
				atUs = untilUs;
				if ([1100, 2000, 3000].some((callUs) => fromUs <= callUs && callUs <= untilUs)) continue;
				script.off(fromUs, untilUs, state, { next, wokenUs: fromUs + Math.floor(offUs / 2) });
			}
			const { spanNs, runningNs, runQueueNs, lockNs, blockedNs, ioNs, allocNs, waitNs } =
				script.evidence() ?? expect.fail();
			expect(runningNs + runQueueNs + lockNs + blockedNs + ioNs + allocNs + waitNs).toBe(spanNs);
		}),
	);
});
