import type { EventRecord } from '../event-record';
import type { LedgerSink } from '../ledger-sink';
import { OperationKind, type OperationTable } from '../operations';
import { RecentMap } from '../recent-map';
import { isUninterruptible, OffCpu, wasPreempted } from './off-cpu';
import { ProcessAccount } from './process-account';
import { ThreadAccount } from './thread-account';
import { ASKS_AFTER_NS, type ThreadSleep } from './thread-sleep';
import { Place, ThreadTimes } from './thread-times';

/** In the second argument of a switch-in, where the table says so. */
const WAS_LOCKED = 2;
/** In the second argument of a switch-out, likewise. */
const IN_CALL = 0x8000_0000;

/** Threads whose process is remembered. */
const RECENT_THREADS = 16_384;

/**
 * Keeps the times of all threads that use CUDA, from their calls and the scheduler's events, in time order.
 *
 * Scheduler events come in two forms. Ours name the thread they are about; others name the task that was current: the
 * one switched out for a `sched_switch_in`, the waking one for a `sched_wakeup`. Both have the thread as arg0.
 */
export class ThreadAccounts {
	readonly #processes = new Map<number, ProcessAccount>();
	readonly #threads = new Map<number, ThreadAccount>();
	/** Threads of known processes, those that use no CUDA included. */
	readonly #pidOf = new RecentMap<number>(RECENT_THREADS);
	/** Without wakeups neither the end of a sleep nor who ended it is known. */
	readonly #seesWakeups: boolean;
	readonly #seesAllThreads: boolean;
	#machineLaunches = 0;
	/** Of the thread that comes back onto a CPU, as they were before. */
	readonly #before = new ThreadTimes();
	#latest: ThreadAccount | undefined;

	readonly #tellsLocks: boolean;
	readonly #tellsCalls: boolean;
	readonly #sink: LedgerSink;

	/** @param sink hears of sleeps that matter to steps */
	constructor(table: OperationTable, sink: LedgerSink) {
		this.#seesWakeups = table.seesWakeups;
		this.#seesAllThreads = table.seesAllThreads;
		this.#tellsLocks = table.tellsLocks;
		this.#tellsCalls = table.tellsCalls;
		this.#sink = sink;
	}

	/** A call into CUDA. `bytes` is what it copies, 0 for none. */
	call(record: EventRecord, kind: OperationKind, bytes: number): void {
		const thread = this.#threadOf(record.pid, record.tid);
		thread.returnedNs = undefined;
		switch (kind) {
			case OperationKind.waitStream:
			case OperationKind.waitContext:
			case OperationKind.waitEvent:
				this.#returned(thread, record, true);
				return;
			case OperationKind.copyDeviceToHostBlocking:
				this.#returned(thread, record, true);
				break;
			case OperationKind.alloc:
				this.#returned(thread, record, false);
				return;
			default:
				thread.called(!this.#seesSiblings(thread.process));
		}
		thread.slept = undefined;
		if (kind === OperationKind.launch || kind === OperationKind.graphLaunch) {
			thread.hasLaunched = true;
			thread.process.launches += 1;
			this.#machineLaunches += 1;
		} else if (kind >= OperationKind.copyHostToDevice && kind <= OperationKind.copyDeviceToHostBlocking) {
			thread.copiedBytes += bytes;
			thread.process.copiedBytes += bytes;
		}
	}

	/** A host function was enqueued behind a read-back. */
	calledBack({ pid, tid, tNs }: EventRecord): void {
		this.#threadOf(pid, tid).process.calledBackNs = tNs;
	}

	scheduled(record: EventRecord, kind: OperationKind): void {
		const tid = record.low(0);
		const current = record.tid === tid ? 0 : record.pid;
		if (current !== 0) this.#learn(record.pid, record.tid);
		if (kind === OperationKind.switchOut) this.#switchedOut(tid, record);
		else if (kind === OperationKind.switchIn) this.#switchedIn(tid, record, current);
		else this.#woken(tid, record, current);
	}

	/** Writes down the times of a thread that has made a call. */
	write(pid: number, tid: number, { values }: ThreadTimes): void {
		const thread = this.#threadOf(pid, tid);
		const { process } = thread;
		values[Place.runQueueNs] = thread.runQueueNs;
		values[Place.waitRunQueueNs] = thread.waitRunQueueNs;
		values[Place.behindSiblingNs] = thread.behindSiblingNs;
		values[Place.lockNs] = thread.lockNs;
		values[Place.blockedNs] = thread.blockedNs;
		values[Place.ioNs] = thread.ioNs;
		values[Place.waitNs] = thread.waitNs;
		values[Place.allocNs] = thread.allocNs;
		values[Place.copiedBytes] = thread.copiedBytes;
		values[Place.processRunQueueNs] = process.runQueueNs;
		values[Place.processCopiedBytes] = process.copiedBytes;
		values[Place.processLaunches] = process.launches;
		values[Place.machineLaunches] = this.#machineLaunches;
		values[Place.neighbourPid] = process.neighbourPid;
		values[Place.neighbourSwitches] = process.neighbourSwitches;
	}

	processExited(pid: number): void {
		if (!this.#processes.delete(pid)) return;
		for (const [tid, { process }] of this.#threads) if (process.pid === pid) this.#threads.delete(tid);
		this.#latest = undefined;
	}

	/** A timed call returned. */
	#returned(thread: ThreadAccount, { tNs, durationNs }: EventRecord, waits: boolean): void {
		const { slept } = thread;
		thread.returned(tNs - durationNs, tNs, waits, !this.#seesSiblings(thread.process));
		if (waits) thread.returnedNs = tNs;
		if (slept === undefined) return;
		thread.slept = undefined;
		if (tNs - durationNs > slept.fromNs) return;
		this.#sink.waiterAwake?.(thread.process.pid, thread.tid, tNs, { ...slept, isLock: false });
	}

	#switchedOut(tid: number, record: EventRecord): void {
		const process = this.#processes.get(record.pid);
		if (process === undefined) return;
		process.left();
		this.#pidOf.set(tid, record.pid);
		const nextPid = this.#pidOf.get(record.low(2));
		this.#metOnCpu(process, nextPid);
		const thread = this.#threads.get(tid);
		if (thread === undefined) {
			process.seesOthers = true;
			return;
		}
		const state = this.#tellsCalls ? record.low(1) & ~IN_CALL : record.low(1);
		thread.inCall = this.#tellsCalls && record.low(1) >= IN_CALL;
		thread.outNs = record.tNs;
		thread.wokenNs = undefined;
		thread.why = wasPreempted(state) ? OffCpu.ready : isUninterruptible(state) ? OffCpu.uninterruptible : OffCpu.asleep;
		thread.lockedFrom = process.running > 0 || nextPid === process.pid;
		thread.lockedUntil = false;
		if (thread.sleepsAfterWait) this.#sink.waiterAsleep?.(process.pid, tid, record.tNs);
	}

	#switchedIn(tid: number, record: EventRecord, current: number): void {
		const process = this.#processes.get(current === 0 && record.tid === tid ? record.pid : (this.#pidOf.get(tid) ?? 0));
		if (process === undefined) return;
		const previousPid = current !== 0 ? current : this.#pidOf.get(record.low(2));
		this.#metOnCpu(process, previousPid);
		const thread = this.#threads.get(tid);
		if (thread !== undefined) {
			// Worked out from events of several CPUs, who ran when is a race that the kernel decided differently at times.
			if (this.#tellsLocks) thread.lockedFrom = thread.lockedUntil = (record.low(1) & WAS_LOCKED) !== 0;
			if (!this.#seesWakeups) thread.lockedUntil = process.running > 0 || previousPid === process.pid;
			const { sleepsAfterWait } = thread;
			if (thread.hasLaunched && process.calledBackNs > 0) this.write(process.pid, tid, this.#before);
			const slept = thread.cameBack(record.tNs, previousPid === process.pid, this.#seesSiblings(process));
			if (slept !== undefined) this.#tellAwake(thread, record.tNs, slept, sleepsAfterWait);
		}
		process.running += 1;
	}

	#tellAwake(thread: ThreadAccount, tNs: number, slept: ThreadSleep, sleptAfterWait: boolean): void {
		const { pid, calledBackNs } = thread.process;
		const toldNs = slept.asleepNs > 0 ? thread.toldAwakeNs : slept.fromNs;
		if (sleptAfterWait) {
			thread.slept = slept;
			thread.returnedNs = slept.asleepNs >= ASKS_AFTER_NS ? tNs : undefined;
			this.#sink.waiterAwake?.(pid, thread.tid, tNs, slept);
		} else if (thread.hasLaunched && calledBackNs > 0 && toldNs < calledBackNs) {
			if (slept.asleepNs > 0) thread.toldAwakeNs = tNs;
			this.#sink.timesOf?.(pid, thread.tid, tNs).set(this.#before);
			this.#sink.launcherAwake(pid, thread.tid, tNs, slept);
		}
	}

	#woken(tid: number, record: EventRecord, current: number): void {
		const thread = this.#threads.get(tid);
		if (thread === undefined || thread.outNs === undefined || thread.wokenNs !== undefined) return;
		thread.wokenNs = record.tNs;
		thread.lockedUntil = thread.process.running > 0 || current === thread.process.pid;
	}

	/** Whether it would show that another thread of the process holds what this one waits for. */
	#seesSiblings({ seesOthers }: ProcessAccount): boolean {
		return this.#seesWakeups && (this.#seesAllThreads || seesOthers);
	}

	/** Two CUDA processes that take turns on a CPU. */
	#metOnCpu(process: ProcessAccount, otherPid: number | undefined): void {
		if (otherPid === undefined || otherPid === process.pid) return;
		const other = this.#processes.get(otherPid);
		if (other === undefined) return;
		process.neighbourPid = otherPid;
		process.neighbourSwitches += 1;
		other.neighbourPid = process.pid;
		other.neighbourSwitches += 1;
	}

	#learn(pid: number, tid: number): void {
		if (this.#processes.has(pid)) this.#pidOf.set(tid, pid);
	}

	#threadOf(pid: number, tid: number): ThreadAccount {
		const latest = this.#latest;
		if (latest?.tid === tid && latest.process.pid === pid) return latest;
		let thread = this.#threads.get(tid);
		if (thread?.process.pid !== pid) {
			let process = this.#processes.get(pid);
			if (process === undefined) {
				process = new ProcessAccount(pid);
				this.#processes.set(pid, process);
			}
			thread = new ThreadAccount(tid, process);
			this.#threads.set(tid, thread);
			this.#pidOf.set(tid, pid);
		}
		this.#latest = thread;
		return thread as ThreadAccount;
	}
}
