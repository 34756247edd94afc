import type { CompletedLedger } from './completed-ledger';
import { LONGEST_NS, SOON_NS, type ThreadSleep } from './evidence/thread-sleep';
import { Habit } from './habit';
import { PerThread } from './per-thread';

interface HeldStep {
	readonly ledger: CompletedLedger;
	readonly waiterTid: number;
	/** Since when it is known to be awake, or asleep. */
	sinceNs: number;
	isAsleep: boolean;
	/** One after the other, while it asks for the lock. */
	sleeps: readonly ThreadSleep[];
}

const NONE: readonly ThreadSleep[] = [];

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
	readonly #habits = new PerThread(() => new Habit());
	readonly #release: (ledger: CompletedLedger, waiterTid: number, sleeps: readonly ThreadSleep[]) => void;

	/** @param release takes each step in its turn, with the sleeps that prolong it */
	constructor(release: (ledger: CompletedLedger, waiterTid: number, sleeps: readonly ThreadSleep[]) => void) {
		this.#release = release;
	}

	/** A step is complete, as far as the wait of `waiterTid` goes. */
	hold(ledger: CompletedLedger, waiterTid: number): void {
		this.#habits.of(ledger.pid, waiterTid).chance();
		this.#held.push({ ledger, waiterTid, sinceNs: ledger.completedNs, isAsleep: false, sleeps: NONE });
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
		if (isFirst) this.#habits.of(pid, tid).taken();
	}

	/** It runs again. Told once more, without a lock, when it turns out that it slept inside a call. */
	awake(pid: number, tid: number, tNs: number, sleep: ThreadSleep): void {
		this.#takeBack(pid, tid, sleep);
		this.passed(tNs);
		const isLock = sleep.isLock && tNs - sleep.fromNs <= LONGEST_NS && !this.#habits.of(pid, tid).isUsual;
		for (const step of this.#held) {
			if (step.ledger.pid !== pid || step.waiterTid !== tid || !step.isAsleep) continue;
			step.isAsleep = false;
			step.sinceNs = tNs;
			if (isLock) step.sleeps = [...step.sleeps, sleep];
		}
	}

	/** That a sleep is told once more means that it was none of those that prolong. */
	#takeBack(pid: number, tid: number, { fromNs }: ThreadSleep): void {
		for (const step of this.#held) {
			const isOfIt = step.ledger.pid === pid && step.waiterTid === tid && !step.isAsleep;
			if (isOfIt && step.sleeps.at(-1)?.fromNs === fromNs) step.sleeps = step.sleeps.slice(0, -1);
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
		for (let step = this.#held[0]; step !== undefined; step = this.#held[0]) {
			if (tNs <= step.sinceNs + (step.isAsleep ? LONGEST_NS : SOON_NS)) return;
			this.#letFirst(step);
		}
	}

	processExited(pid: number): void {
		this.end();
		this.#habits.forget(pid);
	}

	end(): void {
		for (let step = this.#held[0]; step !== undefined; step = this.#held[0]) this.#letFirst(step);
	}

	#letFirst({ ledger, waiterTid, sleeps }: HeldStep): void {
		this.#held.shift();
		this.#release(ledger, waiterTid, sleeps);
	}
}
