import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventPipeline, OperationTable, SourceClock, type StepEvidence } from '../src/index';

const BASE_NS = 1_000_000_000_000n;
const [PID, TID, WORKER, OTHER] = [40, 41, 42, 90];
const TABLE = {
	launch: { code: 1, name: 'cuLaunchKernel', args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'] },
	readBack: { code: 2, name: 'cuMemcpyDtoHAsync_v2', args: ['dst', 'stream', 'bytes'] },
	copy: { code: 3, name: 'cuMemcpyHtoDAsync_v2', args: ['dst', 'stream', 'bytes'] },
	wait: { code: 4, name: 'cuStreamSynchronize', args: ['stream', '-', 'return_code'] },
	alloc: { code: 5, name: 'cuMemAlloc_v2', args: ['bytes', 'device_pointer', 'return_code'] },
	out: { code: 6, name: 'sched_switch_out', args: ['tid', 'prev_state', 'next_tid'] },
	in: { code: 7, name: 'sched_switch_in', args: ['tid', '-', 'prev_tid'] },
	woken: { code: 8, name: 'sched_wakeup', args: ['tid', '-', '-'] },
} as const;
const STATE = { preempted: 0, asleep: 1, disk: 2 };

/** Writes down what happens, one line an event, times in us; both forms of scheduler events. */
class Script {
	readonly #records: { readonly atUs: number; readonly words: readonly number[] }[] = [];
	constructor(readonly form: 'thread' | 'current') {}

	call(atUs: number, name: 'launch' | 'readBack' | 'copy' | 'wait' | 'alloc', who: Who = {}): this {
		const { pid = PID, tid = TID, tookUs = 0, bytes = 4 } = who;
		const args = name === 'copy' || name === 'readBack' ? [0, 7, bytes] : name === 'wait' ? [7, 0, 0] : [1, 7, 4096];
		return this.#write(atUs, name, pid, tid, args, tookUs);
	}

	/** A thread leaves the CPU to `next`, and comes back after it was woken, in place of `previous`. */
	off(
		fromUs: number,
		untilUs: number,
		state: number,
		{ tid = TID, pid = PID, next = 0, previous = next, wokenUs }: Off = {},
	) {
		this.#write(fromUs, 'out', pid, tid, [tid, state, next]);
		if (wokenUs !== undefined) this.#write(wokenUs, 'woken', ...this.#current(0, 0, pid, tid), [tid, 0, 0]);
		const previousPid = previous === WORKER ? PID : previous === OTHER ? OTHER : 0;
		return this.#write(untilUs, 'in', ...this.#current(previousPid, previous, pid, tid), [tid, 0, previous]);
	}

	/** Another thread comes to a CPU, or leaves it. */
	runs(atUs: number, untilUs: number, tid: number, pid: number = PID): this {
		this.#write(atUs, 'in', ...this.#current(0, 0, pid, tid), [tid, 0, 0]);
		return this.#write(untilUs, 'out', pid, tid, [tid, STATE.asleep, 0]);
	}

	/** Step after step of one thread: launch, read back, wait. Evidence of the last one. */
	evidence({ without = [] }: { readonly without?: readonly string[] } = {}): StepEvidence | undefined {
		const rows = Object.values(TABLE).filter(({ name }) => !without.includes(name));
		const all: (StepEvidence | undefined)[] = [];
		const pipeline = new EventPipeline({
			table: new OperationTable(new Map(rows.map(({ code, name, args }) => [code, { name, args }]))),
			clock: new SourceClock(BASE_NS),
			onCompleted: (ledger) => all.push(ledger.evidence),
		});
		const sorted = this.#records.toSorted((a, b) => a.atUs - b.atUs);
		pipeline.push(Uint32Array.from(sorted.flatMap(({ words }) => words)), sorted.length);
		pipeline.end();
		return all.at(-1);
	}

	#current(pid: number, tid: number, ownPid: number, ownTid: number): [number, number] {
		return this.form === 'current' ? [pid, tid] : [ownPid, ownTid];
	}

	#write(atUs: number, name: keyof typeof TABLE, pid: number, tid: number, args: readonly number[], tookUs = 0): this {
		const time = BASE_NS + BigInt(atUs * 1000);
		const head = [Number(time & 0xffff_ffffn), Number(time >> 32n), tookUs * 1000, pid, tid, TABLE[name].code];
		this.#records.push({ atUs, words: [...head, ...args.flatMap((arg) => [arg, 0])] });
		return this;
	}
}

interface Who {
	readonly pid?: number;
	readonly tid?: number;
	readonly tookUs?: number;
	readonly bytes?: number;
}
interface Off {
	readonly pid?: number;
	readonly tid?: number;
	readonly next?: number;
	readonly previous?: number;
	readonly wokenUs?: number;
}

/** A step that ends at 1,000 us; the next one launches at 1,100, reads back at 2,000, and its wait returns at 5,000. */
function twoSteps(form: 'thread' | 'current', waitUs = 2000): Script {
	return new Script(form)
		.call(100, 'launch')
		.call(200, 'readBack')
		.call(1000, 'wait', { tookUs: 700 })
		.call(1100, 'launch')
		.call(2000, 'readBack')
		.call(5000, 'wait', { tookUs: waitUs });
}

const us = (evidence: StepEvidence | undefined) =>
	Object.fromEntries(
		Object.entries(evidence ?? {}).flatMap(([name, value]) =>
			name.endsWith('Ns') && value !== 0 ? [[name.slice(0, -2), value / 1000]] : [],
		),
	);

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

test('without wakeups, sleeping again and again without a call in between is a lock, sleeping once is not', () => {
	const chain = twoSteps('current').off(1200, 1400, STATE.asleep).off(1410, 1700, STATE.asleep);
	expect(us(chain.evidence({ without: ['sched_wakeup'] }))).toMatchObject({ lock: 490 });
	expect(us(chain.evidence())).toMatchObject({ blocked: 490 });
	const single = twoSteps('current').off(1200, 1700, STATE.asleep);
	expect(us(single.evidence({ without: ['sched_wakeup'] }))).toMatchObject({ blocked: 500 });
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
