/**
 * What is kept of each thread, by process. The thread asked for last is at hand, as most facts come from the same one as
 * the fact before.
 */
export class PerThread<T> {
	readonly #create: () => T;
	readonly #processes = new Map<number, Map<number, T>>();
	/** Whose `#latest` is; -1 for nobody's. */
	#pid = -1;
	#tid = -1;
	#latest: T | undefined;

	/** @param create what is kept of a thread that is new */
	constructor(create: () => T) {
		this.#create = create;
	}

	of(pid: number, tid: number): T {
		if (pid === this.#pid && tid === this.#tid) return this.#latest as T;
		let threads = this.#processes.get(pid);
		if (threads === undefined) {
			threads = new Map();
			this.#processes.set(pid, threads);
		}
		let thread = threads.get(tid);
		if (thread === undefined) {
			thread = this.#create();
			threads.set(tid, thread);
		}
		this.#pid = pid;
		this.#tid = tid;
		this.#latest = thread;
		return thread;
	}

	/** Of every thread, process by process. */
	*all(): Iterable<T> {
		for (const threads of this.#processes.values()) yield* threads.values();
	}

	/** @returns what was kept of the threads of a process that has ended */
	forget(pid: number): Iterable<T> {
		const threads = this.#processes.get(pid);
		this.#processes.delete(pid);
		if (pid === this.#pid) {
			this.#pid = -1;
			this.#latest = undefined;
		}
		return threads?.values() ?? [];
	}
}
