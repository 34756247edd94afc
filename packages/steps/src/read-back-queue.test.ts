import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompletedLedger } from './completed-ledger';
import { Ledger } from './ledger';
import { ReadBackQueue } from './read-back-queue';
import { StreamHandle } from './stream-handle';

const PID = 42;
const A = new StreamHandle(10, 0);
const B = new StreamHandle(20, 0);

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
		queue.eventRecorded(PID, 1, 2, 7, A);
		readBack(1, A, [A, 2]);
		readBack(2, B, [B, 4]);
		queue.eventReached(PID, 3, 3, 7);
		expect(launches()).toEqual([1]);
		queue.eventReached(PID, 3, 3, 7);
		expect(launches()).toEqual([1]);
	});

	test('nobody saw recorded completes the oldest of its thread, or else of all', () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: false });
		readBack(1, A, [A, 1]);
		readBack(2, B, [B, 2]);
		readBack(2, B, [B, 3]);
		queue.eventReached(PID, 2, 3, 7);
		expect(launches()).toEqual([2]);
		queue.eventReached(PID, 9, 3, 7);
		expect(launches()).toEqual([2, 1]);
	});

	test("nobody recorded, when every record is seen, completes nothing of another thread's", () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: true });
		readBack(1, A, [A, 1]);
		queue.eventReached(PID, 2, 3, 7);
		expect(launches()).toEqual([]);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([1]);
	});

	test("whose record is stale completes the oldest, even with another thread's read-back still pending", () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: false });
		readBack(2, B, [B, 9]);
		readBack(1, A, [A, 1]);
		queue.eventRecorded(PID, 1, 2, 7, A);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([1]);
		// Recorded again by a function nobody probes.
		readBack(1, A, [A, 2]);
		queue.eventReached(PID, 1, 4, 7);
		expect(launches()).toEqual([1, 2]);
	});

	test('whose stale record was on a stream where nothing is pending completes the oldest too', () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: false });
		queue.eventRecorded(PID, 1, 2, 7, B);
		readBack(1, A, [A, 1]);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([1]);
	});

	test('is believed when every record is seen: without anything to complete it completes nothing', () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: true });
		queue.eventRecorded(PID, 1, 2, 7, A);
		readBack(1, A, [A, 1]);
		queue.eventReached(PID, 1, 3, 7);
		expect(launches()).toEqual([]);
	});
});

describe('a query that finds an event', () => {
	const OWN = 7;
	const ALLOCATOR = 8;

	test('recorded right behind a read-back completes it, as polling engines do', () => {
		const { queue, readBack, launches } = queueOf();
		for (let step = 1; step <= 3; step++) {
			readBack(1, A, [A, step]);
			queue.eventRecorded(PID, 1, 2, OWN, A);
			queue.eventRecorded(PID, 1, 2, ALLOCATOR, A);
			queue.eventFound(PID, 1, 3, OWN);
			expect(launches()).toHaveLength(step);
		}
	});

	test('recorded later tells nothing of a thread whose results are waited for', () => {
		const { queue, readBack, completed } = queueOf();
		for (const [step, found] of [undefined, 20, 30].entries()) {
			readBack(1, A, [A, step + 1]);
			queue.eventRecorded(PID, 1, 2, OWN, A);
			queue.eventRecorded(PID, 1, 2, ALLOCATOR, A);
			if (found !== undefined) queue.eventFound(PID, 1, found, ALLOCATOR);
			queue.eventReached(PID, 1, 100 + step, OWN);
		}
		expect(completed.map(({ completedNs }) => completedNs)).toEqual([100, 101, 102]);
	});

	test('recorded later is all there is where nobody waits', () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, A, [A, 1]);
		queue.eventRecorded(PID, 1, 2, OWN, A);
		queue.eventRecorded(PID, 1, 2, ALLOCATOR, A);
		queue.eventFound(PID, 1, 3, ALLOCATOR);
		expect(launches()).toEqual([1]);
	});

	test('of its own completes what was enqueued before it, too', () => {
		const { queue, readBack, launches } = queueOf();
		readBack(1, A, [A, 1]);
		queue.eventRecorded(PID, 1, 2, OWN, A);
		queue.eventReached(PID, 1, 3, OWN);
		readBack(1, A, [A, 2]);
		queue.eventRecorded(PID, 1, 2, 9, A);
		readBack(1, A, [A, 4]);
		queue.eventRecorded(PID, 1, 2, OWN, A);
		readBack(1, A, [A, 8]);
		queue.eventFound(PID, 1, 4, OWN);
		expect(launches()).toEqual([1, 6]);
	});

	test('never recorded completes nothing where every record is seen', () => {
		const { queue, readBack, launches } = queueOf();
		queue.eventRecorded(PID, 1, 2, ALLOCATOR, B);
		readBack(1, A, [A, 1]);
		queue.eventFound(PID, 1, 3, OWN);
		expect(launches()).toEqual([]);
	});

	test('that nobody saw recorded is no wait for a thread that waits', () => {
		const { queue, readBack, launches } = queueOf({ seesEveryEventRecord: false });
		readBack(1, A, [A, 1]);
		queue.eventFound(PID, 1, 3, OWN);
		readBack(1, A, [A, 2]);
		queue.eventReached(PID, 1, 4, OWN);
		readBack(1, A, [A, 3]);
		queue.eventFound(PID, 1, 5, OWN);
		expect(launches()).toEqual([1, 2]);
	});
});

describe('waits for events that nobody saw recorded', () => {
	/** Of a thread that reads back `copies` at once. */
	const loop = ({ seesEveryEventRecord = false } = {}) => {
		const parts = queueOf({ seesEveryEventRecord });
		let sequence = 0;
		return {
			...parts,
			enqueue: (copies = 2) => {
				parts.readBack(1, A, [A, ++sequence]);
				for (let i = 1; i < copies; i++) parts.readBack(1, A);
			},
			wait: () => parts.queue.eventReached(PID, 1, 3, 7),
		};
	};

	test('do not mean what the set-up read back, in groups of another size', () => {
		const { enqueue, wait, launches, queue } = loop();
		for (const copies of [197, 2, 5, 2, 2]) enqueue(copies);
		wait();
		enqueue();
		wait();
		expect(launches()).toEqual([4, 5]);
		expect(queue.counters).toMatchObject({ completed: 2, abandoned: 3 });
	});

	test('find their pace again after one was lost, when the engine has waited for all it had enqueued', () => {
		const { enqueue, wait, launches, queue } = loop();
		enqueue();
		enqueue();
		for (let step = 0; step < 5; step++) {
			if (step !== 2) wait();
			enqueue();
		}
		expect(launches()).toEqual([1, 2, 3, 4]);
		wait();
		wait();
		expect(launches()).toEqual([1, 2, 3, 4, 5, 6]);
		enqueue();
		enqueue();
		wait();
		expect(launches()).toEqual([1, 2, 3, 4, 5, 6, 8]);
		expect(queue.counters).toMatchObject({ abandoned: 1 });
	});

	test('leave alone what is pending where records are seen', () => {
		const { enqueue, wait, launches, queue } = loop({ seesEveryEventRecord: true });
		queue.eventRecorded(PID, 1, 2, 8, A);
		for (const copies of [3, 1, 1]) enqueue(copies);
		wait();
		wait();
		enqueue();
		wait();
		expect(launches()).toEqual([1, 2, 3]);
		expect(queue.counters).toMatchObject({ abandoned: 0 });
	});
});

describe('launches ahead', () => {
	test('are those of later read-backs of the thread that are pending at its completion', () => {
		const { queue, readBack, completed } = queueOf();
		readBack(1, B, [B, 1000]);
		readBack(1, A, [A, 1]);
		queue.eventRecorded(PID, 1, 2, 7, A);
		readBack(1, A, [A, 2], [B, 3]);
		readBack(2, A, [A, 100]);
		queue.eventReached(PID, 9, 3, 7);
		queue.streamReached(PID, 9, 4, A);
		expect(completed).toMatchObject([
			{ launches: 1, launchesAhead: 5 },
			{ launches: 5, launchesAhead: 0 },
			{ launches: 100, launchesAhead: 0 },
		]);
	});
});

describe('whatever happens', () => {
	const anything = fc.oneof(
		fc.record({
			what: fc.constant('readBack' as const),
			tid: fc.constantFrom(1, 2),
			stream: fc.constantFrom(A, B, undefined),
			hasWork: fc.boolean(),
		}),
		fc.record({
			what: fc.constantFrom(
				'event' as const,
				'query' as const,
				'record' as const,
				'stream' as const,
				'context' as const,
			),
			tid: fc.constantFrom(1, 2, 3),
			stream: fc.constantFrom(A, B),
			event: fc.constantFrom(7, 8),
		}),
	);

	test('a read-back is a step, part of one, part of a group, or abandoned: one of them, once, in order', () => {
		fc.assert(
			fc.property(fc.array(anything, { maxLength: 80 }), fc.boolean(), (facts, seesEveryEventRecord) => {
				const { queue, readBack, completed } = queueOf({ seesEveryEventRecord });
				let readBacks = 0;
				let withWork = 0;
				for (const [place, fact] of facts.entries()) {
					const tNs = 10 + place;
					if (fact.what === 'readBack') {
						readBacks += 1;
						if (fact.hasWork) withWork += 1;
						readBack(fact.tid, fact.stream, ...(fact.hasWork ? [[A, 1] as [StreamHandle, number]] : []));
					} else if (fact.what === 'record') queue.eventRecorded(PID, fact.tid, 2, fact.event, fact.stream);
					else if (fact.what === 'event') queue.eventReached(PID, fact.tid, tNs, fact.event);
					else if (fact.what === 'query') queue.eventFound(PID, fact.tid, tNs, fact.event);
					else if (fact.what === 'stream') queue.streamReached(PID, fact.tid, tNs, fact.stream);
					else queue.contextReached(PID, fact.tid, tNs);
				}
				queue.contextReached(PID, 1, 1000);
				const { completed: steps, merged, joined, withoutWork, abandoned } = queue.counters;
				expect(steps + merged + joined + withoutWork + abandoned).toBe(readBacks);
				expect(completed).toHaveLength(steps);
				expect(completed.reduce((sum, { launches }) => sum + launches, abandoned)).toBe(withWork);
				const times = completed.map(({ completedNs }) => completedNs);
				expect(times).toEqual(times.toSorted((a, b) => a - b));
			}),
			{ numRuns: 500 },
		);
	});
});

describe('what is kept is bounded', () => {
	test('256 read-backs nobody waited for: the oldest go first, and are counted', () => {
		const { queue, readBack, launches } = queueOf();
		for (let i = 0; i < 300; i++) readBack(1, A, [A, 1]);
		queue.contextReached(PID, 1, 3);
		expect(launches()).toEqual([256]);
		expect(queue.counters).toEqual({ completed: 1, merged: 255, joined: 0, withoutWork: 0, abandoned: 44 });
	});

	test('the events recorded last, some thousands: an older one counts as unseen', () => {
		for (const [others, expected] of [
			[4000, [3]],
			[10_000, [1]],
		] as const) {
			const { queue, readBack, launches } = queueOf();
			readBack(1, A, [A, 1]);
			readBack(1, A, [A, 2]);
			queue.eventRecorded(PID, 1, 2, 7, A);
			for (let other = 0; other < others; other++) queue.eventRecorded(PID, 1, 2, 1000 + other, B);
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
