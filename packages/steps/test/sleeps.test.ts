import { describe, expect, test } from 'vitest';
import { Script, STATE, us, WORKER } from './synthetic/script';

/** A thread that uses no CUDA. */
const STRANGER = 77;

const ends = (script: Script, options: { readonly without?: readonly string[] } = {}) =>
	script.steps(options).map(({ completedNs }) => completedNs / 1000);

describe('a thread that falls asleep right after its wait', () => {
	/** Steps of 1 ms, so many; the wait of each returns at 900 µs. */
	const loop = (count: number): Script => {
		// Other threads are recorded, too.
		const script = new Script('thread').runs(110, 120, STRANGER);
		for (let step = 0; step < count; step++) {
			const fromUs = 10_000 * step;
			script
				.call(fromUs + 100, 'launch')
				.call(fromUs + 200, 'readBack')
				.call(fromUs + 900, 'wait', { tookUs: 600 });
		}
		return script;
	};
	/** While another thread of the process runs. */
	const asleep = (script: Script, step: number, fromUs: number, untilUs: number): Script =>
		script
			.call(10_000 * step + 10, 'copy', { tid: WORKER })
			.runs(10_000 * step + 500, 10_000 * step + 9_990, WORKER)
			.off(10_000 * step + fromUs, 10_000 * step + untilUs, STATE.asleep, { wokenUs: 10_000 * step + untilUs - 20 });

	test('has its step end when it runs again: the program cannot use the result before', () => {
		const script = asleep(loop(4), 2, 915, 6_000);
		expect(ends(script)).toEqual([900, 10_900, 26_000, 30_900]);
		const [, , slow, next] = script.steps();
		expect(us(slow?.evidence)).toEqual({ span: 15_100, running: 9_315, wait: 700, lock: 5_065, runQueue: 20 });
		expect(us(next?.evidence)).toEqual({ span: 4_900, running: 4_200, wait: 700 });
	});

	test('needs no sight of the other thread where wakeups are not recorded', () => {
		const script = loop(4).off(20_915, 26_000, STATE.asleep);
		expect(ends(script, { without: ['sched_wakeup'] })).toEqual([900, 10_900, 26_000, 30_900]);
		expect(us(script.steps({ without: ['sched_wakeup'] })[2]?.evidence)).toMatchObject({ lock: 5_085 });
	});

	test('is no matter when nothing else of the process runs: it waits for a request', () => {
		expect(ends(loop(4).off(20_915, 26_000, STATE.asleep, { wokenUs: 25_980 }))).toEqual([900, 10_900, 20_900, 30_900]);
	});

	test('or when it did something in between', () => {
		expect(ends(asleep(loop(4), 2, 930, 6_000))).toEqual([900, 10_900, 20_900, 30_900]);
		const launched = asleep(loop(4), 2, 915, 6_000).call(20_910, 'copy');
		expect(ends(launched)).toEqual([900, 10_900, 20_900, 30_900]);
	});

	test('or when it sleeps longer than for an interpreter', () => {
		const script = loop(3).runs(20_500, 99_000, WORKER).call(20_010, 'copy', { tid: WORKER });
		script.off(20_915, 32_000, STATE.asleep, { wokenUs: 31_990 }).call(40_000, 'launch');
		expect(ends(script)).toEqual([900, 10_900, 20_900]);
	});

	test('or when that is what it always does: it hands its results to another thread', () => {
		const script = loop(8);
		for (let step = 0; step < 8; step++) asleep(script, step, 915, 6_000);
		expect(ends(script)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((step) => 10_000 * step + 900));
	});

	test.each([26_010, 26_060])('or when it slept inside another wait, that returned at %i', (returnUs) => {
		const script = asleep(loop(4), 2, 915, 6_000).call(returnUs, 'wait', { tookUs: returnUs - 20_910 });
		expect(ends(script)).toEqual([900, 10_900, 20_900, 30_900]);
	});
});

describe('a result that a callback reads, as JAX does', () => {
	const READER = WORKER;
	const [MAIN, COPIES] = [7, 8];

	/** The main thread launches; another one copies back on a stream of its own, and enqueues a host function. */
	const step = (script: Script, fromUs: number): Script =>
		script
			.call(fromUs + 100, 'launch', { stream: MAIN })
			.call(fromUs + 110, 'record', { stream: MAIN, event: 1 })
			.call(fromUs + 700, 'joined', { stream: COPIES, event: 1, tid: READER })
			.call(fromUs + 710, 'readBack', { stream: COPIES, tid: READER })
			.call(fromUs + 720, 'hostFunction', { stream: COPIES, tid: READER })
			.call(fromUs + 730, 'record', { stream: COPIES, tid: READER, event: 2 });

	test('is there when the thread that launched the work wakes up, whose step it is', () => {
		const script = new Script('thread');
		for (const fromUs of [0, 1000, 2000]) {
			step(script, fromUs).off(fromUs + 200, fromUs + 800, STATE.asleep, { wokenUs: fromUs + 790 });
		}
		const steps = script.steps();
		expect(steps).toMatchObject(
			[0, 1000, 2000].map((fromUs) => ({ tid: 41, launches: 1, completedNs: 1000 * (fromUs + 800) })),
		);
		expect(us(steps[2]?.evidence)).toEqual({ span: 1000, running: 400, wait: 590, runQueue: 10 });
	});

	test('or runs again, if it was preempted, and goes on from there', () => {
		const script = step(new Script('thread'), 0).off(200, 800, STATE.asleep, { wokenUs: 790 });
		step(script, 1000).off(1200, 1900, STATE.preempted, { next: 3 });
		expect(ends(step(script, 2000).off(2200, 2800, STATE.asleep, { wokenUs: 2790 }))).toEqual([800, 1900, 2800]);
	});

	test('but not then, if it goes to sleep again: it has run too early', () => {
		const script = step(new Script('thread'), 0).off(200, 750, STATE.preempted, { next: 3 });
		expect(ends(script.off(760, 950, STATE.asleep, { wokenUs: 940 }))).toEqual([950]);
	});

	test('or uses its stream again, if it never left the CPU', () => {
		const script = step(step(new Script('thread'), 0).off(200, 800, STATE.asleep, { wokenUs: 790 }), 1000);
		expect(ends(step(script, 2000).off(2200, 2800, STATE.asleep, { wokenUs: 2790 }))).toEqual([800, 2110, 2800]);
	});

	test('but not because its stream is used again, if it always launches ahead', () => {
		const script = new Script('thread');
		for (let place = 0; place < 6; place++) {
			script
				.call(1000 * place + 100, 'launch', { stream: MAIN })
				.call(1000 * place + 110, 'record', { stream: MAIN, event: 1 })
				.off(1000 * place + 200, 1000 * place + 650, STATE.asleep, { wokenUs: 1000 * place + 640 })
				.call(1000 * place + 700, 'joined', { stream: COPIES, event: 1, tid: READER })
				.call(1000 * place + 710, 'readBack', { stream: COPIES, tid: READER })
				.call(1000 * place + 720, 'hostFunction', { stream: COPIES, tid: READER });
		}
		expect(ends(script).slice(-3)).toEqual([3650, 4650, 5650]);
	});
});
