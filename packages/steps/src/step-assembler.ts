import type { CompletedLedger } from './completed-ledger';
import { EvidenceTracker } from './evidence/evidence-tracker';
import type { ThreadTimes } from './evidence/thread-times';
import type { Ledger } from './ledger';
import type { LedgerSink, StreamHandle } from './ledger-sink';
import { type ReadBackCounters, ReadBackQueue } from './read-back-queue';

/**
 * From the facts of a source to completed ledgers with their evidence: what both raw events ({@link EventPipeline}) and
 * the kernel's ready-made ledgers go through.
 */
export class StepAssembler implements LedgerSink {
	readonly #queue: ReadBackQueue;
	readonly #evidence = new EvidenceTracker();
	/** The thread of the wait at hand; waits complete steps before they return. */
	#waiterTid = 0;

	/** @param options as for {@link ReadBackQueue} */
	constructor(options: {
		readonly seesEveryEventRecord: boolean;
		readonly onCompleted: (ledger: CompletedLedger) => void;
		readonly onProcessExited?: ((pid: number) => void) | undefined;
	}) {
		const { onCompleted } = options;
		this.#queue = new ReadBackQueue({
			...options,
			onCompleted: (ledger) => {
				const { pid, tid, completedNs } = ledger;
				const evidence = this.#evidence.completed(pid, tid, this.#waiterTid, completedNs);
				onCompleted(evidence === undefined ? ledger : { ...ledger, evidence });
			},
		});
	}

	get counters(): ReadBackCounters {
		return this.#queue.counters;
	}

	threadTimes(pid: number, tid: number, tNs: number, times: ThreadTimes): void {
		this.#evidence.record(pid, tid, tNs, times);
	}

	ledgerPart(pid: number, tid: number, stream: StreamHandle, part: Ledger): void {
		this.#queue.ledgerPart(pid, tid, stream, part);
	}

	readBack(pid: number, tid: number, tNs: number, stream: StreamHandle | undefined): void {
		this.#evidence.readBack(pid, tid);
		this.#queue.readBack(pid, tid, tNs, stream);
	}

	eventRecorded(pid: number, tid: number, eventKey: number, stream: StreamHandle): void {
		this.#queue.eventRecorded(pid, tid, eventKey, stream);
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

	processExited(pid: number): void {
		this.#evidence.processExited(pid);
		this.#queue.processExited(pid);
	}
}
