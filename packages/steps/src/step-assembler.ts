import type { CompletedLedger } from './completed-ledger';
import { EvidenceTracker } from './evidence/evidence-tracker';
import type { ThreadSleep } from './evidence/thread-sleep';
import type { ThreadTimes } from './evidence/thread-times';
import { HeldSteps } from './held-steps';
import { IterationFinder } from './iterations/iteration-finder';
import type { Ledger } from './ledger';
import type { LedgerSink } from './ledger-sink';
import { type ReadBackCounters, ReadBackQueue } from './read-back-queue';
import type { StreamHandle } from './stream-handle';

/**
 * From the facts of a source to steps with their evidence: what both raw events ({@link EventPipeline}) and the kernel's
 * ready-made ledgers go through.
 */
export class StepAssembler implements LedgerSink {
	readonly #queue: ReadBackQueue;
	readonly #evidence = new EvidenceTracker();
	readonly #held: HeldSteps;
	readonly #iterations: IterationFinder;
	/** The thread of the wait at hand; waits complete steps before they return. */
	#waiterTid = 0;

	/** @param options as for {@link ReadBackQueue} */
	constructor(options: {
		readonly seesEveryEventRecord: boolean;
		readonly onCompleted: (ledger: CompletedLedger) => void;
		readonly onProcessExited?: ((pid: number) => void) | undefined;
	}) {
		const iterations = new IterationFinder(options.onCompleted);
		this.#iterations = iterations;
		this.#held = new HeldSteps((ledger, waiterTid, sleeps) => {
			let step = ledger;
			for (const sleep of sleeps) step = this.#evidence.prolonged(step, waiterTid, sleep);
			iterations.piece(step);
		});
		this.#queue = new ReadBackQueue({
			...options,
			evidenceOf: (pid, tid, completedNs) => {
				this.#held.passed(completedNs);
				return this.#evidence.completed(pid, tid, this.#waiterTid, completedNs);
			},
			onCompleted: (ledger) => this.#held.hold(ledger, this.#waiterTid),
		});
	}

	get counters(): ReadBackCounters {
		return this.#queue.counters;
	}

	timesOf(pid: number, tid: number, tNs: number): ThreadTimes {
		return this.#evidence.timesOf(pid, tid, tNs);
	}

	waiterAsleep(pid: number, tid: number, tNs: number): void {
		this.#held.asleep(pid, tid, tNs);
	}

	waiterAwake(pid: number, tid: number, tNs: number, sleep: ThreadSleep): void {
		this.#held.awake(pid, tid, tNs, sleep);
	}

	/** A thread has called something that is no fact of its own here. */
	called(pid: number, tid: number): void {
		this.#held.called(pid, tid);
	}

	ledgerPart(pid: number, tid: number, stream: StreamHandle, part: Ledger): void {
		this.#queue.ledgerPart(pid, tid, stream, part);
	}

	readBack(pid: number, tid: number, tNs: number, stream: StreamHandle | undefined): void {
		this.#held.passed(tNs);
		this.#evidence.readBack(pid, tid);
		this.#queue.readBack(pid, tid, tNs, stream);
	}

	hostFunctionEnqueued(pid: number, tid: number, tNs: number, stream: StreamHandle): void {
		this.#queue.hostFunctionEnqueued(pid, tid, tNs, stream);
	}

	launcherAwake(pid: number, tid: number, tNs: number, sleep: ThreadSleep): void {
		this.#waiterTid = tid;
		this.#evidence.slept(pid, tid, sleep);
		this.#queue.launcherAwake(pid, tid, tNs, sleep);
	}

	eventRecorded(pid: number, tid: number, tNs: number, eventKey: number, stream: StreamHandle): void {
		this.#waiterTid = tid;
		this.#queue.eventRecorded(pid, tid, tNs, eventKey, stream);
	}

	streamReached(pid: number, tid: number, tNs: number, stream: StreamHandle): void {
		this.#waiterTid = tid;
		this.#queue.streamReached(pid, tid, tNs, stream);
	}

	contextReached(pid: number, tid: number, tNs: number): void {
		this.#waiterTid = tid;
		this.#queue.contextReached(pid, tid, tNs);
	}

	eventReached(pid: number, tid: number, tNs: number, eventKey: number): void {
		this.#waiterTid = tid;
		this.#queue.eventReached(pid, tid, tNs, eventKey);
	}

	eventFound(pid: number, tid: number, tNs: number, eventKey: number): void {
		this.#waiterTid = tid;
		this.#queue.eventFound(pid, tid, tNs, eventKey);
	}

	processExited(pid: number): void {
		this.#held.processExited(pid);
		this.#evidence.processExited(pid);
		this.#iterations.processExited(pid);
		this.#queue.processExited(pid);
	}

	/** Nothing earlier than this will come any more. */
	passed(tNs: number): void {
		this.#held.passed(tNs);
	}

	/** Nothing more will come: tells what was held for more of the same iteration. */
	end(): void {
		this.#held.end();
		this.#iterations.end();
	}
}
