import { CopyBacklog } from './copy-backlog';
import type { Measures } from './measures';
import { Usual } from './usual';

/** What is known of the steps of one thread and phase. */
export class Workload {
	readonly usual: Usual = new Usual();
	/** Waiting for locks in the step before, beyond the usual. */
	lockedNs = 0;
}

/** A step as its peers may ask for it. */
export interface RecentStep {
	readonly endNs: number;
	readonly measures: Measures;
	readonly usual: Usual;
}

/** All that is known of one process. */
export class ProcessWorkloads {
	readonly #threads = new Map<number, Map<string, Workload>>();
	readonly #copies = new Map<number, CopyBacklog>();
	latest: RecentStep | undefined;
	beforeLatest: RecentStep | undefined;
	size = 0;

	find(tid: number, phase: string): Workload | undefined {
		return this.#threads.get(tid)?.get(phase);
	}

	create(tid: number, phase: string): Workload {
		const workload = new Workload();
		const phases = this.#threads.get(tid);
		if (phases === undefined) this.#threads.set(tid, new Map([[phase, workload]]));
		else phases.set(phase, workload);
		this.size += 1;
		return workload;
	}

	/** Copies of the other threads, as a thread that was created here sees them. */
	copyBacklog(tid: number): CopyBacklog {
		let backlog = this.#copies.get(tid);
		if (backlog === undefined) {
			backlog = new CopyBacklog();
			this.#copies.set(tid, backlog);
		}
		return backlog;
	}

	remember(step: RecentStep): void {
		this.beforeLatest = this.latest;
		this.latest = step;
	}
}
