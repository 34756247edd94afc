import type { CompletedLedger } from '../completed-ledger';
import { PerThread } from '../per-thread';
import type { StepEvidence } from './step-evidence';
import type { ThreadSleep } from './thread-sleep';
import { ThreadTimes } from './thread-times';

/** No time: before all. */
const NEVER = Number.NEGATIVE_INFINITY;

/** What is kept of a thread. Its parts are written over, not made anew: they change several times a step. */
class ThreadState {
	/** At its latest read-back or wait. */
	readonly latest = new ThreadTimes();
	latestNs = NEVER;
	/** At its latest read-back, of the times those needed later. */
	readBackNs = NEVER;
	readBackHeldUpNs = 0;
	readBackWaitNs = 0;
	/** At the completion of the step before. */
	readonly completed = new ThreadTimes();
	completedNs = NEVER;
	/** Those of the thread that waited for it then, where that was another one. */
	readonly waiter = new ThreadTimes();
	waiterTid = 0;
	/** Until when it last slept for a result that a callback brings, and how long. */
	sleptNs = NEVER;
	sleep: ThreadSleep | undefined;
}

/** Makes the evidence of steps out of the times that come with read-backs and waits. */
export class EvidenceTracker {
	readonly #threads = new PerThread(() => new ThreadState());
	/** What lies between two steps; worth nothing afterwards. */
	readonly #difference = new ThreadTimes();

	/** Where to write the times of a thread as a read-back is enqueued by it, or a wait returns to it. */
	timesOf(pid: number, tid: number, tNs: number): ThreadTimes {
		const thread = this.#threads.of(pid, tid);
		thread.latestNs = tNs;
		return thread.latest;
	}

	/** The latest times of the thread are those at a read-back. */
	readBack(pid: number, tid: number): void {
		const thread = this.#threads.of(pid, tid);
		thread.readBackNs = thread.latestNs;
		thread.readBackHeldUpNs = thread.latest.heldUpNs;
		thread.readBackWaitNs = thread.latest.waitNs;
	}

	/** A thread has slept for a result that a callback brings; its latest times are those before. */
	slept(pid: number, tid: number, sleep: ThreadSleep): void {
		const thread = this.#threads.of(pid, tid);
		if (thread.latestNs === NEVER) return;
		thread.latest.sleep(sleep);
		thread.latestNs = sleep.fromNs + sleep.asleepNs + sleep.readyNs;
		thread.sleptNs = thread.latestNs;
		thread.sleep = sleep;
	}

	/**
	 * A step was completed.
	 *
	 * @param tid the thread that enqueued its read-back
	 * @param waiterTid the thread that waited for it
	 * @returns undefined for the first step of a thread, and from sources that tell no times
	 */
	completed(pid: number, tid: number, waiterTid: number, tNs: number): StepEvidence | undefined {
		const thread = this.#threads.of(pid, tid);
		const waiter = tid === waiterTid ? thread : this.#threads.of(pid, waiterTid);
		if (thread.latestNs === NEVER || waiter.latestNs === NEVER) return undefined;
		const isFirst = thread.completedNs === NEVER;
		const spanNs = tNs - thread.completedNs;
		const times = this.#difference;
		if (!isFirst) {
			times.setBetween(thread.completed, thread.latest);
			if (waiter === thread) setOwnWait(times, thread, tNs);
			// The two overlap: what the first one does, the second one waits for.
			else times.setWaits(thread.waiterTid === waiterTid ? thread.waiter : waiter.latest, waiter.latest);
		}
		thread.completed.set(thread.latest);
		thread.completedNs = tNs;
		if (waiter !== thread) thread.waiter.set(waiter.latest);
		thread.waiterTid = waiterTid;
		return isFirst ? undefined : evidence(spanNs, times);
	}

	/** A step ends only when its waiter has slept: what it slept belongs to the step, and no more to the next one. */
	prolonged(ledger: CompletedLedger, waiterTid: number, sleep: ThreadSleep): CompletedLedger {
		const { pid, tid, evidence } = ledger;
		const { fromNs, asleepNs, readyNs } = sleep;
		const completedNs = fromNs + asleepNs + readyNs;
		const thread = this.#threads.of(pid, tid);
		if (thread.completedNs === ledger.completedNs) {
			if (tid === waiterTid) thread.completed.sleep(sleep);
			else thread.waiter.sleep(sleep);
			thread.completedNs = completedNs;
		}
		if (evidence === undefined) return { ...ledger, completedNs };
		return {
			...ledger,
			completedNs,
			evidence: {
				...evidence,
				spanNs: evidence.spanNs + completedNs - ledger.completedNs,
				runningNs: evidence.runningNs + fromNs - ledger.completedNs,
				runQueueNs: evidence.runQueueNs + readyNs,
				lockNs: evidence.lockNs + asleepNs,
			},
		};
	}

	processExited(pid: number): void {
		this.#threads.forget(pid);
	}
}

/** For a step whose thread waits itself. */
function setOwnWait(times: ThreadTimes, thread: ThreadState, tNs: number): void {
	const { latest, readBackNs, sleep } = thread;
	if (sleep !== undefined && thread.sleptNs === tNs) {
		times.sleptForGpu(sleep);
	} else if (readBackNs >= thread.completedNs) {
		// Nothing is enqueued ahead: whatever the thread does after its read-back, it does it waiting.
		const heldUpNs = latest.heldUpNs - thread.readBackHeldUpNs;
		const waitedNs = latest.waitNs - thread.readBackWaitNs;
		times.waited(Math.max(0, tNs - readBackNs - heldUpNs) - waitedNs);
	}
}

function evidence(spanNs: number, times: ThreadTimes): StepEvidence {
	const { runQueueNs, waitRunQueueNs, waitNs } = times;
	return {
		spanNs,
		runningNs: Math.max(0, spanNs - times.heldUpNs - waitNs),
		runQueueNs,
		lockNs: times.lockNs,
		blockedNs: times.blockedNs,
		ioNs: times.ioNs,
		allocNs: times.allocNs,
		waitNs,
		waitRunQueueNs,
		behindSiblingNs: times.behindSiblingNs,
		siblingRunQueueNs: Math.max(0, times.processRunQueueNs - runQueueNs - waitRunQueueNs),
		otherCopiedBytes: times.processCopiedBytes - times.copiedBytes,
		foreignLaunches: times.machineLaunches - times.processLaunches,
		neighbourSwitches: times.neighbourSwitches,
		neighbourPid: times.neighbourPid,
	};
}
