import { areEqual, SKETCH_WORDS } from './function-sketch';
import { Habit } from './habit';
import { ReadBack, type RecordedEvent } from './read-back';
import { RecentMap } from './recent-map';

/** Recorded events remembered per process; older ones fall back to first in, first out. */
const RECENT_EVENTS = 4096;

/** What the queue of read-backs knows of a thread. */
export class ThreadState {
	/** What was shipped for the read-back it is about to enqueue; undefined for nothing. */
	open: ReadBack | undefined;
	/** Somebody waits for its read-backs, by an event: queries that find another one say nothing of them. */
	isAwaited = false;
	/** Waits since its last read-back; undefined unless its read-backs were paired with waits by their order. */
	waitsInTurn: number | undefined;
	/** Its ledgers were shipped for waits since it last read back. */
	isClosedByWaits = false;
	/** Whether it launches the next step before it has its results, where callbacks read them. */
	launching: Habit | undefined;
	/** Of its latest step. */
	#sketch: Uint32Array = new Uint32Array(SKETCH_WORDS);

	/** A copy to hand out; the same one as long as it says the same, as in most steps. */
	copyOf(sketch: Uint32Array): Uint32Array {
		if (!areEqual(sketch, this.#sketch)) this.#sketch = sketch.slice();
		return this.#sketch;
	}
}

/** What the queue of read-backs knows of a process. */
export class ProcessState {
	pending: ReadBack[] = [];
	readonly events: RecentMap<RecordedEvent> = new RecentMap(RECENT_EVENTS);
	/** The thread that recorded an event on a stream last: the one that launches there. */
	readonly recorders: Map<number, number> = new Map();
	/** An event was seen being recorded: its source may well see them all. */
	seesRecords = false;
	sequence = 0;
	readonly #threads = new Map<number, ThreadState>();
	#latestTid = 0;
	#latest: ThreadState | undefined;
	/** Read-backs to use again. */
	readonly #spare: ReadBack[] = [];

	thread(tid: number): ThreadState {
		let thread = this.#latest;
		if (thread !== undefined && tid === this.#latestTid) return thread;
		thread = this.#threads.get(tid);
		if (thread === undefined) {
			thread = new ThreadState();
			this.#threads.set(tid, thread);
		}
		this.#latestTid = tid;
		this.#latest = thread;
		return thread;
	}

	launchingOf(tid: number): Habit {
		const thread = this.thread(tid);
		thread.launching ??= new Habit();
		return thread.launching;
	}

	/** One with nothing in it. */
	newReadBack(): ReadBack {
		return this.#spare.pop() ?? new ReadBack();
	}

	/** Nobody holds it any more. */
	recycle(readBack: ReadBack): void {
		readBack.clear();
		this.#spare.push(readBack);
	}
}

/** Whether a wait for a stream covers a read-back; one whose stream is not known is taken for its thread's. */
export function isOn(entry: ReadBack, streamKey: number, tid: number): boolean {
	return entry.stream === undefined ? entry.tid === tid : entry.stream.key === streamKey;
}

/** Whether it was enqueued before the event was recorded, and where: reached when the event is. */
export function isBefore(entry: ReadBack, { sequence, streamKey, tid }: RecordedEvent): boolean {
	return entry.sequence <= sequence && isOn(entry, streamKey, tid);
}

/** What the thread of a read-back enqueued for later ones of the pending. */
export function launchesBehind({ owner, sequence }: ReadBack, pending: readonly ReadBack[]): number {
	let launches = 0;
	for (const entry of pending) {
		if (entry.owner === owner && entry.sequence > sequence)
			launches += entry.ledger.launches + entry.ledger.graphLaunches;
	}
	return launches;
}
