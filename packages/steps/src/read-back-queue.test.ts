import { describe, expect, test } from 'vitest';
import type { CompletedLedger } from './completed-ledger';
import { Ledger } from './ledger';
import type { StreamHandle } from './ledger-sink';
import { ReadBackQueue } from './read-back-queue';

const PID = 42;
const A: StreamHandle = { key: 10, low: 10, high: 0 };
const B: StreamHandle = { key: 20, low: 20, high: 0 };

function queueOf({ seesEveryEventRecord = true } = {}) {
	const completed: CompletedLedger[] = [];
	const queue = new ReadBackQueue({ seesEveryEventRecord, onCompleted: (ledger) => completed.push(ledger) });
	/** Enqueues a read-back on `stream` with as many launches behind it on each stream as said. */
	const readBack = (tid: number, stream: StreamHandle | undefined, ...work: [StreamHandle, number][]) => {
		for (const [on, launches] of work) {
			const part = new Ledger();
			for (let i = 0; i < launches; i++) part.launch(1, i, 0, 1);
			queue.ledgerPart(PID, tid, on, part);
		}
		queue.readBack(PID, tid, 2, stream);
	};
	return { queue, readBack, launches: () => completed.map((ledger) => ledger.launches), completed };
}

describe('a wait for a stream', () => {
	test('completes what was read back there, whoever waits', () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, A, [A, 1]);
		readBack(2, B, [B, 2]);
		queue.streamReached(PID, 9, 3, B);
		expect(launches()).toEqual([2]);
		queue.streamReached(PID, 9, 3, A);
		expect(launches()).toEqual([2, 1]);
	});

	test('where the stream of a copy is not known, completes those of its own thread', () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, undefined, [A, 1]);
		readBack(2, undefined, [B, 2]);
		queue.streamReached(PID, 2, 3, A);
		expect(launches()).toEqual([2]);
	});

	test('that completes several is one step a thread, on the stream with most work in all', () => {
		const { queue, readBack, completed } = queueOf();
		readBack(1, A, [A, 3], [B, 2]);
		readBack(2, A, [A, 1]);
		readBack(1, A, [B, 2]);
		queue.streamReached(PID, 1, 3, A);
		expect(completed).toMatchObject([
			{ tid: 1, launches: 7, streamHandle: 20n },
			{ tid: 2, launches: 1, streamHandle: 10n },
		]);
	});
});

describe('the busiest stream', () => {
	test('of equals is the lowest, in whatever order they were touched', () => {
		const { queue, readBack, completed } = queueOf();
		readBack(1, B, [B, 2], [A, 2]);
		queue.contextReached(PID, 1, 3);
		expect(completed).toMatchObject([{ streamHandle: 10n }]);
	});
});

describe('a wait for an event', () => {
	test('completes what was read back on its stream before it was recorded, nothing after', () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, A, [A, 1]);
		queue.eventRecorded(PID, 1, 7, A);
		readBack(1, A, [A, 2]);
		readBack(2, B, [B, 4]);
		queue.eventReached(PID, 3, 3, 7);
		expect(launches()).toEqual([1]);
		queue.eventReached(PID, 3, 3, 7);
		expect(launches()).toEqual([1]);
	});

	test('nobody saw recorded completes the oldest of its thread, or else of all', () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, A, [A, 1]);
		readBack(2, B, [B, 2]);
		readBack(2, B, [B, 3]);
		queue.eventReached(PID, 2, 3, 7);
		expect(launches()).toEqual([2]);
		queue.eventReached(PID, 9, 3, 7);
		expect(launches()).toEqual([2, 1]);
	});

	test("whose record is stale completes the oldest, even with another thread's read-back still pending", () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: false });
		readBack(2, B, [B, 9]);
		readBack(1, A, [A, 1]);
		queue.eventRecorded(PID, 1, 7, A);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([1]);
		// Recorded again by a function nobody probes.
		readBack(1, A, [A, 2]);
		queue.eventReached(PID, 1, 4, 7);
		expect(launches()).toEqual([1, 2]);
	});

	test('whose stale record was on a stream where nothing is pending completes the oldest too', () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: false });
		queue.eventRecorded(PID, 1, 7, B);
		readBack(1, A, [A, 1]);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([1]);
	});

	test('is believed when every record is seen: without anything to complete it completes nothing', () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: true });
		queue.eventRecorded(PID, 1, 7, A);
		readBack(1, A, [A, 1]);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([]);
	});
});

describe('what is kept is bounded', () => {
	test('256 read-backs nobody waited for: the oldest go first, and are counted', () => {
		const { queue, readBack, launches } = queueOf();
		for (let i = 0; i < 300; i++) readBack(1, A, [A, 1]);
		queue.contextReached(PID, 1, 3);
		expect(launches()).toEqual([256]);
		expect(queue.counters).toEqual({ completed: 1, joined: 0, withoutWork: 0, abandoned: 44 });
	});

	test('the events recorded last, some thousands: an older one counts as unseen', () => {
		for (const [others, expected] of [
			[4000, [3]],
			[10_000, [1]],
		] as const) {
			const { queue, readBack, launches } = queueOf();
			readBack(1, A, [A, 1]);
			readBack(1, A, [A, 2]);
			queue.eventRecorded(PID, 1, 7, A);
			for (let other = 0; other < others; other++) queue.eventRecorded(PID, 1, 1000 + other, B);
			queue.eventReached(PID, 1, 3, 7);
			expect(launches()).toEqual(expected);
		}
	});
});

describe('copies without work of their own', () => {
	test('belong to the read-back before', () => {
		const { queue, readBack, completed } = queueOf();
		readBack(1, A, [A, 1]);
		const copied = new Ledger();
		copied.deviceToHostBytes = 100;
		queue.ledgerPart(PID, 1, A, copied);
		queue.readBack(PID, 1, 8, A);
		queue.streamReached(PID, 1, 9, A);
		expect(completed).toMatchObject([{ launches: 1, deviceToHostBytes: 100, enqueuedNs: 8, completedNs: 9 }]);
		expect(queue.counters).toMatchObject({ joined: 1, withoutWork: 0 });
	});

	test("are no step when there is none before, or only another thread's", () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, A);
		readBack(2, A, [A, 5]);
		readBack(1, A);
		queue.contextReached(PID, 1, 3);
		expect(launches()).toEqual([5]);
		expect(queue.counters).toMatchObject({ joined: 0, withoutWork: 2 });
	});
});

test('a process that exits takes what is pending with it', () => {
	const exited: number[] = [];
	const completed: CompletedLedger[] = [];
	const queue = new ReadBackQueue({
		seesEveryEventRecord: true,
		onCompleted: (ledger) => completed.push(ledger),
		onProcessExited: (pid) => exited.push(pid),
	});
	const part = new Ledger();
	part.launch(1, 1, 0, 1);
	queue.ledgerPart(PID, 1, A, part);
	queue.readBack(PID, 1, 2, A);
	queue.processExited(PID);
	queue.contextReached(PID, 1, 3);
	expect(completed).toEqual([]);
	expect(exited).toEqual([PID]);
});
