/** More processes than GPUs in a machine, and few enough to look at each of them at every step. */
const MAX_PROCESSES = 16;
/** Completions of peers are this much closer than a step is long: a collective ends on all ranks at once. */
const CLOSENESS = 1 / 16;
/** Close completions, less those that were not, that make two processes peers; with collectives seen, and without. */
const ENOUGH_WITH_COLLECTIVES = 8;
const ENOUGH = 32;
const MOST = 64;
/** What a step without any completion of the other process takes back. */
const ALONE = 4;

interface Process {
	readonly pid: number;
	endNs: number;
	collectives: boolean;
}

interface Pair {
	score: number;
	/** The latest completion of the lower and the higher pid has been paired with one of the other. */
	readonly matched: [boolean, boolean];
}

/**
 * Finds processes that keep step, such as the ranks of a tensor-parallel model: they complete together, step after step.
 * Works where replayed graphs hide the collectives. Two processes of equal speed that have nothing to do with one another
 * drift apart.
 */
export class Lockstep {
	readonly #processes = new Map<number, Process>();
	readonly #pairs = new Map<number, Pair>();

	/** A process completed a step; `ordinary` unless it was slow, when being late says nothing. */
	completed(pid: number, endNs: number, durationNs: number, ordinary: boolean, collectives: boolean): void {
		const own = this.#process(pid);
		own.collectives ||= collectives;
		for (const other of this.#processes.values()) {
			if (other === own || other.endNs === 0) continue;
			const pair = this.#pair(pid, other.pid);
			const [mine, its] = pid < other.pid ? ([0, 1] as const) : ([1, 0] as const);
			if (own.endNs !== 0 && !pair.matched[mine] && ordinary) pair.score = Math.max(0, pair.score - ALONE);
			const apartNs = endNs - other.endNs;
			const matches = !pair.matched[its] && apartNs <= durationNs;
			pair.matched[mine] = matches;
			if (!matches) continue;
			pair.matched[its] = true;
			pair.score = apartNs <= durationNs * CLOSENESS ? Math.min(MOST, pair.score + 1) : Math.max(0, pair.score - 1);
		}
		own.endNs = endNs;
	}

	/** Processes that this one keeps step with. */
	peersOf(pid: number): number[] {
		const peers: number[] = [];
		for (const other of this.#processes.keys()) if (this.arePeers(pid, other)) peers.push(other);
		return peers;
	}

	arePeers(a: number, b: number): boolean {
		const [first, second] = [this.#processes.get(a), this.#processes.get(b)];
		if (first === undefined || second === undefined || first === second) return false;
		const score = this.#pairs.get(keyOf(a, b))?.score ?? 0;
		return score >= (first.collectives && second.collectives ? ENOUGH_WITH_COLLECTIVES : ENOUGH);
	}

	forget(pid: number): void {
		if (!this.#processes.delete(pid)) return;
		for (const other of this.#processes.keys()) this.#pairs.delete(keyOf(pid, other));
	}

	#process(pid: number): Process {
		let process = this.#processes.get(pid);
		if (process === undefined) {
			if (this.#processes.size === MAX_PROCESSES) this.forget(this.#idlest());
			process = { pid, endNs: 0, collectives: false };
			this.#processes.set(pid, process);
		}
		return process;
	}

	#idlest(): number {
		return [...this.#processes.values()].reduce((idlest, other) => (other.endNs < idlest.endNs ? other : idlest)).pid;
	}

	#pair(a: number, b: number): Pair {
		const key = keyOf(a, b);
		let pair = this.#pairs.get(key);
		if (pair === undefined) {
			pair = { score: 0, matched: [false, false] };
			this.#pairs.set(key, pair);
		}
		return pair;
	}
}

/** Process numbers are below 2^22 on Linux. */
function keyOf(a: number, b: number): number {
	return Math.min(a, b) * 4_194_304 + Math.max(a, b);
}
