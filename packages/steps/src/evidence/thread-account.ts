import { OffCpu } from './off-cpu';
import type { ProcessAccount } from './process-account';

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
	lockedFrom = false;
	lockedUntil = false;
	wokenNs: number | undefined;
	readonly #unsettled: Unsettled[] = [];
	/** The last call counted, so that a call around it does not count it twice. */
	#countedFromNs = Number.NEGATIVE_INFINITY;
	#countedNs = 0;

	constructor(
		readonly tid: number,
		readonly process: ProcessAccount,
	) {}

	/** It is on a CPU again, which another thread of its process had before, or not. */
	cameBack(nowNs: number, fromSibling: boolean): void {
		const { outNs } = this;
		if (outNs === undefined) return;
		const wokenNs = this.why === OffCpu.ready ? outNs : (this.wokenNs ?? nowNs);
		if (this.why !== OffCpu.ready) {
			const isLock = this.why === OffCpu.asleep && this.lockedFrom && this.lockedUntil;
			this.#keep({ outNs, kind: isLock ? OffCpu.lock : this.why, ns: wokenNs - outNs });
		}
		this.#keep({ outNs, kind: OffCpu.ready, ns: nowNs - wokenNs });
		this.process.runQueueNs += nowNs - wokenNs;
		if (fromSibling) this.behindSiblingNs += nowNs - wokenNs;
		this.outNs = undefined;
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
	 * Asleep again and again without a call in between: woken, the thread did not find what it waited for. A lock whose
	 * holder was not seen, as where only threads that use CUDA are recorded.
	 */
	#markChains(beforeNs: number): void {
		const asleep = this.#unsettled.filter(({ kind, outNs }) => kind === OffCpu.asleep && outNs < beforeNs);
		if (asleep.length > 1) for (const entry of asleep) entry.kind = OffCpu.lock;
	}

	#settle({ kind, ns }: Unsettled): void {
		if (kind === OffCpu.ready) this.runQueueNs += ns;
		else if (kind === OffCpu.lock) this.lockNs += ns;
		else if (kind === OffCpu.asleep) this.blockedNs += ns;
		else this.ioNs += ns;
	}
}
