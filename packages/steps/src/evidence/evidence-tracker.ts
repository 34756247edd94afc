import type { CompletedLedger } from '../completed-ledger';
import type { StepEvidence } from './step-evidence';
import type { ThreadSleep } from './thread-sleep';
import type { ThreadTimes } from './thread-times';

/** The times of one thread at a moment. */
interface Snapshot {
	readonly tNs: number;
	readonly times: ThreadTimes;
}

interface ThreadState {
	/** At its latest read-back or wait. */
	latest: Snapshot | undefined;
	/** At its latest read-back. */
	readBack: Snapshot | undefined;
	/** At the completion of the step before, and those of the thread that waited for it. */
	completed: Snapshot | undefined;
	waiter: { readonly tid: number; readonly times: ThreadTimes } | undefined;
	/** Until when it last slept for a result that a callback brings, and how long. */
	slept: { readonly tNs: number; readonly sleep: ThreadSleep } | undefined;
}

/** Makes the evidence of steps out of the times that come with read-backs and waits. */
export class EvidenceTracker {
	readonly #processes = new Map<number, Map<number, ThreadState>>();

	/** The times of a thread as a read-back is enqueued by it, or a wait returns to it. */
	record(pid: number, tid: number, tNs: number, times: ThreadTimes): void {
		this.#thread(pid, tid).latest = { tNs, times };
	}

	/** The latest times of the thread are those at a read-back. */
	readBack(pid: number, tid: number): void {
		const thread = this.#thread(pid, tid);
		thread.readBack = thread.latest;
	}

	/** A thread has slept for a result that a callback brings; its latest times are those before. */
	slept(pid: number, tid: number, sleep: ThreadSleep): void {
		const thread = this.#thread(pid, tid);
		const { latest } = thread;
		if (latest === undefined) return;
		const tNs = sleep.fromNs + sleep.asleepNs + sleep.readyNs;
		thread.latest = { tNs, times: after(latest.times, sleep) };
		thread.slept = { tNs, sleep };
	}

	/**
	 * A step was completed.
	 *
	 * @param tid the thread that enqueued its read-back
	 * @param waiterTid the thread that waited for it
	 * @returns undefined for the first step of a thread, and from sources that tell no times
	 */
	completed(pid: number, tid: number, waiterTid: number, tNs: number): StepEvidence | undefined {
		const thread = this.#thread(pid, tid);
		const waiter = tid === waiterTid ? thread : this.#thread(pid, waiterTid);
		const { completed: before, waiter: waiterBefore, latest, readBack } = thread;
		const waited = waiter.latest;
		if (latest === undefined || waited === undefined) return undefined;
		thread.completed = { tNs, times: latest.times };
		thread.waiter = { tid: waiterTid, times: waited.times };
		if (before === undefined) return undefined;
		const spanNs = tNs - before.tNs;
		const difference = between(before.times, latest.times);
		if (waiter !== thread) {
			// The two overlap: what the first one does, the second one waits for.
			const own = waiterBefore?.tid === waiterTid ? between(waiterBefore.times, waited.times) : undefined;
			return evidence(spanNs, {
				...difference,
				waitNs: own?.waitNs ?? 0,
				waitRunQueueNs: (own?.waitRunQueueNs ?? 0) + (own?.runQueueNs ?? 0),
				behindSiblingNs: difference.behindSiblingNs + (own?.behindSiblingNs ?? 0),
			});
		}
		if (thread.slept?.tNs === tNs) return evidence(spanNs, asWait(difference, thread.slept.sleep));
		if (readBack === undefined || readBack.tNs < before.tNs) return evidence(spanNs, difference);
		// Nothing is enqueued ahead: whatever the thread does after its read-back, it does it waiting.
		const { runQueueNs, lockNs, blockedNs, ioNs, allocNs, waitNs } = between(readBack.times, latest.times);
		const idleNs = runQueueNs + lockNs + blockedNs + ioNs + allocNs;
		return evidence(spanNs, {
			...difference,
			waitNs: difference.waitNs - waitNs + Math.max(0, tNs - readBack.tNs - idleNs),
		});
	}

	/** A step ends only when its waiter has slept: what it slept belongs to the step, and no more to the next one. */
	prolonged(ledger: CompletedLedger, waiterTid: number, sleep: ThreadSleep): CompletedLedger {
		const { pid, tid, evidence } = ledger;
		const { fromNs, asleepNs, readyNs } = sleep;
		const completedNs = fromNs + asleepNs + readyNs;
		const thread = this.#thread(pid, tid);
		const { completed, waiter } = thread;
		const own = tid === waiterTid ? completed?.times : waiter?.times;
		if (completed?.tNs === ledger.completedNs && own !== undefined) {
			const times = after(own, sleep);
			thread.completed = { tNs: completedNs, times: tid === waiterTid ? times : completed.times };
			thread.waiter = { tid: waiterTid, times };
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
		this.#processes.delete(pid);
	}

	#thread(pid: number, tid: number): ThreadState {
		let threads = this.#processes.get(pid);
		if (threads === undefined) {
			threads = new Map();
			this.#processes.set(pid, threads);
		}
		let thread = threads.get(tid);
		if (thread === undefined) {
			thread = { latest: undefined, readBack: undefined, completed: undefined, waiter: undefined, slept: undefined };
			threads.set(tid, thread);
		}
		return thread;
	}
}

function between(from: ThreadTimes, to: ThreadTimes): ThreadTimes {
	return {
		runQueueNs: to.runQueueNs - from.runQueueNs,
		waitRunQueueNs: to.waitRunQueueNs - from.waitRunQueueNs,
		behindSiblingNs: to.behindSiblingNs - from.behindSiblingNs,
		lockNs: to.lockNs - from.lockNs,
		blockedNs: to.blockedNs - from.blockedNs,
		ioNs: to.ioNs - from.ioNs,
		waitNs: to.waitNs - from.waitNs,
		allocNs: to.allocNs - from.allocNs,
		copiedBytes: to.copiedBytes - from.copiedBytes,
		processRunQueueNs: to.processRunQueueNs - from.processRunQueueNs,
		processCopiedBytes: to.processCopiedBytes - from.processCopiedBytes,
		processLaunches: to.processLaunches - from.processLaunches,
		machineLaunches: to.machineLaunches - from.machineLaunches,
		neighbourPid: to.neighbourSwitches === from.neighbourSwitches ? 0 : to.neighbourPid,
		neighbourSwitches: to.neighbourSwitches - from.neighbourSwitches,
	};
}

/** The times when a sleep is over. */
function after(times: ThreadTimes, { asleepNs, readyNs, isLock }: ThreadSleep): ThreadTimes {
	return {
		...times,
		runQueueNs: times.runQueueNs + readyNs,
		lockNs: times.lockNs + (isLock ? asleepNs : 0),
		blockedNs: times.blockedNs + (isLock ? 0 : asleepNs),
		processRunQueueNs: times.processRunQueueNs + readyNs,
	};
}

/** The same times, with a sleep in them that was a wait for the GPU. */
function asWait(times: ThreadTimes, { asleepNs, isLock }: ThreadSleep): ThreadTimes {
	return {
		...times,
		waitNs: times.waitNs + asleepNs,
		lockNs: times.lockNs - (isLock ? asleepNs : 0),
		blockedNs: times.blockedNs - (isLock ? 0 : asleepNs),
	};
}

function evidence(spanNs: number, times: ThreadTimes): StepEvidence {
	const { runQueueNs, waitRunQueueNs, lockNs, blockedNs, ioNs, allocNs, waitNs } = times;
	return {
		spanNs,
		runningNs: Math.max(0, spanNs - runQueueNs - lockNs - blockedNs - ioNs - allocNs - waitNs),
		runQueueNs,
		lockNs,
		blockedNs,
		ioNs,
		allocNs,
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
