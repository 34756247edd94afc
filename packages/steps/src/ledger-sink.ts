import type { ThreadSleep } from './evidence/thread-sleep';
import type { ThreadTimes } from './evidence/thread-times';
import type { Ledger } from './ledger';
import type { StreamHandle } from './stream-handle';

/**
 * The facts that steps are made of, in time order. The kernel's probes deliver them ready made; for raw events
 * {@link LedgerBuilder} makes the same ones. Times are ns since the source's base.
 */
export interface LedgerSink {
	/**
	 * A thread is about to enqueue a read-back, or a wait or a query has returned to it.
	 *
	 * @returns where its times are to be written, all of them, before the next call
	 */
	timesOf?(pid: number, tid: number, tNs: number): ThreadTimes;
	/** A thread fell asleep right after a wait had returned to it; see {@link ThreadSleep}. */
	waiterAsleep?(pid: number, tid: number, tNs: number): void;
	/** It runs again. Told once more, without a lock, when it turns out that it slept inside a call. */
	waiterAwake?(pid: number, tid: number, tNs: number, sleep: ThreadSleep): void;
	/**
	 * What was enqueued on one stream, valid during the call; shipped for the read-back that this thread is about to enqueue, or for the wait that
	 * has returned to it, where a process waits without ever reading back.
	 */
	ledgerPart(pid: number, tid: number, stream: StreamHandle, part: Ledger): void;
	/** A device-to-host copy was enqueued; `stream` is undefined where the recording does not say. */
	readBack(pid: number, tid: number, tNs: number, stream: StreamHandle | undefined): void;
	/** A host function was enqueued right behind a read-back of the same thread. */
	hostFunctionEnqueued(pid: number, tid: number, tNs: number, stream: StreamHandle): void;
	/** A thread that launches work runs again, after a sleep or otherwise, the first time since a host function was enqueued. */
	launcherAwake(pid: number, tid: number, tNs: number, sleep: ThreadSleep): void;
	eventRecorded(pid: number, tid: number, tNs: number, eventKey: number, stream: StreamHandle): void;
	/** A stream wait returned, or a stream query found the stream idle. */
	streamReached(pid: number, tid: number, tNs: number, stream: StreamHandle): void;
	contextReached(pid: number, tid: number, tNs: number): void;
	/** An event wait returned. */
	eventReached(pid: number, tid: number, tNs: number, eventKey: number): void;
	/** An event query succeeded: the program may have asked for its result, or for something else. */
	eventFound(pid: number, tid: number, tNs: number, eventKey: number): void;
	processExited(pid: number): void;
}
