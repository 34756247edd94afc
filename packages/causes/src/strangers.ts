/** For so many of its durations after a step what another process had enqueued may still run. */
const STAYS = 8;

interface Stranger {
	/** It has shared CPUs with the process: the two are kept on the same cores, near the same GPU. */
	met: boolean;
	untilNs: number;
}

/** Remembers which processes may share their GPU with another one, and until when. */
export class Strangers {
	readonly #strangers = new Map<number, Stranger>();

	/** The process shared a CPU with another one that uses CUDA. */
	met(pid: number, endNs: number, durationNs: number): void {
		this.#strangers.set(pid, { met: true, untilNs: endNs + STAYS * durationNs });
	}

	/** Others launched more than usual. That says nothing about which GPU, unless there is but one candidate. */
	launched(pid: number, endNs: number, durationNs: number): void {
		const met = this.hasMet(pid);
		this.#strangers.set(pid, { met, untilNs: endNs + STAYS * durationNs });
	}

	hasMet(pid: number): boolean {
		return this.#strangers.get(pid)?.met ?? false;
	}

	isNear(pid: number, nowNs: number): boolean {
		return nowNs <= (this.#strangers.get(pid)?.untilNs ?? Number.NEGATIVE_INFINITY);
	}

	forget(pid: number): void {
		this.#strangers.delete(pid);
	}
}
