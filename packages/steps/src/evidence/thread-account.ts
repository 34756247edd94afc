import { OffCpu } from './off-cpu';
import type { ProcessAccount } from './process-account';
import { ASKS_AFTER_NS, LONGEST_NS, SOON_NS, type ThreadSleep } from './thread-sleep';

/** Times a thread is off the CPU between two calls of its own that are kept apart; beyond them the oldest is settled. */
const MAX_UNSETTLED = 256;

/** A time off the CPU of which it is not known yet whether it lay inside a call, since calls are told of at their end. */
interface Unsettled {
	readonly outNs: number;
	kind: OffCpu;
	readonly ns: number;
}

/** The times of one thread; see {@link ThreadTimes}. */
export class ThreadAccount {
	runQueueNs = 0;
	waitRunQueueNs = 0;
	behindSiblingNs = 0;
	lockNs = 0;
	blockedNs = 0;
	ioNs = 0;
	waitNs = 0;
	allocNs = 0;
	copiedBytes = 0;
	/** Since when it is off the CPU, or undefined. */
	outNs: number | undefined;
	/** What it would be if it were woken now: `asleep` or `lock` is decided at the end. */
	why: OffCpu = OffCpu.ready;
	/** Another thread of the process was running when this one fell asleep, and when it was woken. */
	/** It left the CPU inside a call, where that is known. */
	inCall = false;
	lockedFrom = false;
	lockedUntil = false;
	wokenNs: number | undefined;
	/** When a wait returned to it, if it has called nothing since. */
	returnedNs: number | undefined;
	/** Its sleep right after that, if it has called nothing since. */
	slept: ThreadSleep | undefined;
	/** Kernels or graphs. */
	hasLaunched = false;
	/** When it was last told of that it ran again. */
	toldAwakeNs = 0;
	readonly #unsettled: Unsettled[] = [];
	/** The last call counted, so that a call around it does not count it twice. */
	#countedFromNs = Number.NEGATIVE_INFINITY;
	#countedNs = 0;

	constructor(
		readonly tid: number,
		readonly process: ProcessAccount,
	) {}

	/** It fell asleep right after a wait: what it waits for now, it needs to go on. */
	get sleepsAfterWait(): boolean {
		const { returnedNs, outNs } = this;
		return (
			this.why === OffCpu.asleep &&
			!this.inCall &&
			returnedNs !== undefined &&
			outNs !== undefined &&
			outNs - returnedNs <= SOON_NS
		);
	}

	/**
	 * It is on a CPU again, which another thread of its process had before, or not.
	 *
	 * @returns its sleep, of no time if it was ready all along
	 */
	cameBack(nowNs: number, fromSibling: boolean, seesSiblings: boolean): ThreadSleep | undefined {
		const { outNs, sleepsAfterWait } = this;
		if (outNs === undefined) return undefined;
		const wokenNs = this.why === OffCpu.ready ? outNs : (this.wokenNs ?? nowNs);
		const isSeen = this.lockedFrom && this.lockedUntil;
		const isLock =
			this.why === OffCpu.asleep && (sleepsAfterWait && !seesSiblings ? nowNs - outNs <= LONGEST_NS : isSeen);
		if (this.why !== OffCpu.ready) {
			this.#keep({ outNs, kind: isLock ? OffCpu.lock : this.why, ns: wokenNs - outNs });
		}
		this.#keep({ outNs, kind: OffCpu.ready, ns: nowNs - wokenNs });
		this.process.runQueueNs += nowNs - wokenNs;
		if (fromSibling) this.behindSiblingNs += nowNs - wokenNs;
		this.outNs = undefined;
		return { fromNs: outNs, asleepNs: wokenNs - outNs, readyNs: nowNs - wokenNs, isLock };
	}

	/** A call was entered that neither waits nor allocates: all that came before it lay outside of calls. */
	called(chainsAreLocks: boolean): void {
		if (this.#unsettled.length === 0) return;
		if (chainsAreLocks) this.#markChains(Number.POSITIVE_INFINITY);
		for (const entry of this.#unsettled) this.#settle(entry);
		this.#unsettled.length = 0;
	}

	/** A timed call returned. */
	returned(fromNs: number, nowNs: number, waits: boolean, chainsAreLocks: boolean): void {
		if (chainsAreLocks) this.#markChains(fromNs);
		for (const entry of this.#unsettled) {
			if (entry.outNs < fromNs) this.#settle(entry);
			else if (waits && entry.kind === OffCpu.ready) this.waitRunQueueNs += entry.ns;
		}
		this.#unsettled.length = 0;
		const inner = fromNs <= this.#countedFromNs ? this.#countedNs : 0;
		const ns = nowNs - fromNs;
		if (waits) this.waitNs += ns - inner;
		else this.allocNs += ns - inner;
		this.#countedFromNs = fromNs;
		this.#countedNs = ns;
	}

	#keep(entry: Unsettled): void {
		if (entry.ns <= 0) return;
		this.#unsettled.push(entry);
		if (this.#unsettled.length > MAX_UNSETTLED) this.#settle(this.#unsettled.shift() as Unsettled);
	}

	/**
	 * Asleep again after the time at which a thread asks for CPython's lock, without a call in between: what it waited for
	 * was not there yet. A lock whose holder was not seen, as where only threads that use CUDA are recorded.
	 */
	#markChains(beforeNs: number): void {
		let before: Unsettled | undefined;
		for (const entry of this.#unsettled) {
			if (entry.kind === OffCpu.ready || entry.outNs >= beforeNs) continue;
			if (before !== undefined && before.ns >= ASKS_AFTER_NS && before.ns <= LONGEST_NS) {
				if (before.kind === OffCpu.asleep) before.kind = OffCpu.lock;
				if (entry.kind === OffCpu.asleep) entry.kind = OffCpu.lock;
			}
			before = entry;
		}
	}

	#settle({ kind, ns }: Unsettled): void {
		if (kind === OffCpu.ready) this.runQueueNs += ns;
		else if (kind === OffCpu.lock) this.lockNs += ns;
		else if (kind === OffCpu.asleep) this.blockedNs += ns;
		else this.ioNs += ns;
	}
}
