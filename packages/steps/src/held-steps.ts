import type { CompletedLedger } from './completed-ledger';
import { LONGEST_NS, SOON_NS, type ThreadSleep } from './evidence/thread-sleep';
import { Habit } from './habit';

interface HeldStep {
	readonly ledger: CompletedLedger;
	readonly waiterTid: number;
	/** Since when it is known to be awake, or asleep. */
	sinceNs: number;
	isAsleep: boolean;
	/** One after the other, while it asks for the lock. */
	readonly sleeps: ThreadSleep[];
}

/**
 * Holds steps until their waiter has gone on.
 *
 * A result has reached the host when the program can use it. Where a wait returns and its thread goes to sleep at once,
 * for a lock that another thread of the process holds, that is when it runs again. A thread that does so after most of
 * its waits hands its results to others, and then sleeps for lack of work: its steps end with its waits.
 */
export class HeldSteps {
	readonly #held: HeldStep[] = [];
	/** Whether a thread falls asleep right after a wait. */
	readonly #habits = new Map<number, Map<number, Habit>>();
	readonly #release: (ledger: CompletedLedger, waiterTid: number, sleeps: readonly ThreadSleep[]) => void;

	/** @param release takes each step in its turn, with the sleeps that prolong it */
	constructor(release: (ledger: CompletedLedger, waiterTid: number, sleeps: readonly ThreadSleep[]) => void) {
		this.#release = release;
	}

	/** A step is complete, as far as the wait of `waiterTid` goes. */
	hold(ledger: CompletedLedger, waiterTid: number): void {
		this.#habit(ledger.pid, waiterTid).chance();
		this.#held.push({ ledger, waiterTid, sinceNs: ledger.completedNs, isAsleep: false, sleeps: [] });
	}

	asleep(pid: number, tid: number, tNs: number): void {
		this.passed(tNs);
		let isFirst = false;
		for (const step of this.#held) {
			if (step.ledger.pid !== pid || step.waiterTid !== tid) continue;
			step.isAsleep = true;
			step.sinceNs = tNs;
			isFirst ||= step.sleeps.length === 0;
		}
		if (isFirst) this.#habit(pid, tid).taken();
	}

	/** It runs again. Told once more, without a lock, when it turns out that it slept inside a call. */
	awake(pid: number, tid: number, tNs: number, sleep: ThreadSleep): void {
		this.#takeBack(pid, tid, sleep);
		this.passed(tNs);
		const isLock = sleep.isLock && tNs - sleep.fromNs <= LONGEST_NS && !this.#habit(pid, tid).isUsual;
		for (const step of this.#held) {
			if (step.ledger.pid !== pid || step.waiterTid !== tid || !step.isAsleep) continue;
			step.isAsleep = false;
			step.sinceNs = tNs;
			if (isLock) step.sleeps.push(sleep);
		}
	}

	/** That a sleep is told once more means that it was none of those that prolong. */
	#takeBack(pid: number, tid: number, { fromNs }: ThreadSleep): void {
		for (const { ledger, waiterTid, isAsleep, sleeps } of this.#held) {
			const isOfIt = ledger.pid === pid && waiterTid === tid && !isAsleep;
			if (isOfIt && sleeps.at(-1)?.fromNs === fromNs) sleeps.pop();
		}
	}

	/** It has called something: it has gone on. */
	called(pid: number, tid: number): void {
		for (const step of this.#held) {
			if (step.ledger.pid === pid && step.waiterTid === tid) step.sinceNs = Number.NEGATIVE_INFINITY;
		}
		this.passed(0);
	}

	/** Nothing earlier than this will come any more. */
	passed(tNs: number): void {
		let count = 0;
		for (const { isAsleep, sinceNs } of this.#held) {
			if (tNs <= sinceNs + (isAsleep ? LONGEST_NS : SOON_NS)) break;
			count += 1;
		}
		if (count > 0) this.#let(count);
	}

	processExited(pid: number): void {
		this.end();
		this.#habits.delete(pid);
	}

	end(): void {
		this.#let(this.#held.length);
	}

	#let(count: number): void {
		for (const { ledger, waiterTid, sleeps } of this.#held.splice(0, count)) this.#release(ledger, waiterTid, sleeps);
	}

	#habit(pid: number, tid: number): Habit {
		let threads = this.#habits.get(pid);
		if (threads === undefined) {
			threads = new Map();
			this.#habits.set(pid, threads);
		}
		let habit = threads.get(tid);
		if (habit === undefined) {
			habit = new Habit();
			threads.set(tid, habit);
		}
		return habit;
	}
}
