import type { ThreadTimes } from './evidence/thread-times';
import type { Ledger } from './ledger';

/** A stream handle: its key for maps and its exact words. */
export interface StreamHandle {
	readonly key: number;
	readonly low: number;
	readonly high: number;
}

/**
 * The facts that steps are made of, in time order. The kernel's probes deliver them ready made; for raw events
 * {@link LedgerBuilder} makes the same ones. Times are ns since the source's base.
 */
export interface LedgerSink {
	/** The times of a thread as it is about to enqueue a read-back, or as a wait or a query has returned to it. */
	threadTimes?(pid: number, tid: number, tNs: number, times: ThreadTimes): void;
	/** What was enqueued on one stream, shipped for the read-back that this thread is about to enqueue. */
	ledgerPart(pid: number, tid: number, stream: StreamHandle, part: Ledger): void;
	/** A device-to-host copy was enqueued; `stream` is undefined where the recording does not say. */
	readBack(pid: number, tid: number, tNs: number, stream: StreamHandle | undefined): void;
	eventRecorded(pid: number, tid: number, eventKey: number, stream: StreamHandle): void;
	/** A stream wait returned, or a stream query found the stream idle. */
	streamReached(pid: number, tid: number, tNs: number, stream: StreamHandle): void;
	contextReached(pid: number, tid: number, tNs: number): void;
	/** An event wait returned, or an event query succeeded. */
	eventReached(pid: number, tid: number, tNs: number, eventKey: number): void;
	processExited(pid: number): void;
}
