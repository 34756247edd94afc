/** Switches that are remembered: more than a minute of guard mode. */
const REMEMBERED = 64;

/** When the probes on launches were attached. Times are ns on one clock, given in order. */
export class WatchedTimes {
	/** Begin and end of each stretch, in turn; while the last one goes on its end is not there. */
	readonly #switches: number[] = [];

	get isOpen(): boolean {
		return this.#switches.length % 2 === 1;
	}

	/** The probes are in place from now on. */
	open(nowNs: number): void {
		if (!this.isOpen) this.#switches.push(nowNs);
	}

	/** The probes are about to go. */
	close(nowNs: number): void {
		if (!this.isOpen) return;
		this.#switches.push(nowNs);
		if (this.#switches.length > REMEMBERED) this.#switches.splice(0, 2);
	}

	/** Whether they were in place all the time. */
	covers(fromNs: number, toNs: number): boolean {
		for (let i = this.#switches.length - 1 - ((this.#switches.length - 1) % 2); i >= 0; i -= 2) {
			const beginNs = this.#switches[i] as number;
			if (fromNs >= beginNs) return toNs <= (this.#switches[i + 1] ?? Number.POSITIVE_INFINITY);
		}
		return false;
	}

	/** For how long they were in place between two times, ns. */
	watchedNs(fromNs: number, toNs: number): number {
		let total = 0;
		for (let i = 0; i < this.#switches.length; i += 2) {
			const beginNs = Math.max(fromNs, this.#switches[i] as number);
			const endNs = Math.min(toNs, this.#switches[i + 1] ?? Number.POSITIVE_INFINITY);
			total += Math.max(0, endNs - beginNs);
		}
		return total;
	}
}
