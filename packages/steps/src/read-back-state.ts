import type { Habit } from './habit';
import type { LedgerPart, ReadBack, RecordedEvent } from './read-back';
import { RecentMap } from './recent-map';

/** Recorded events remembered per process; older ones fall back to first in, first out. */
const RECENT_EVENTS = 4096;

/** What the queue of read-backs knows of a process. */
export interface ProcessState {
	pending: ReadBack[];
	/** Ledger parts shipped for the read-back a thread is about to enqueue. */
	readonly parts: Map<number, LedgerPart[]>;
	readonly events: RecentMap<RecordedEvent>;
	/** The thread that recorded an event on a stream last: the one that launches there. */
	readonly recorders: Map<number, number>;
	/** Threads whose results callbacks read, and whether they launch the next step before they have them. */
	readonly launchers: Map<number, Habit>;
	/** An event was seen being recorded: its source may well see them all. */
	seesRecords: boolean;
	/** Threads for whose read-backs somebody waits, by an event: queries that find another one say nothing of them. */
	readonly awaited: Set<number>;
	/** Of threads whose read-backs were paired with waits by their order: the waits since the last read-back. */
	readonly waitsInTurn: Map<number, number>;
	/** Threads whose ledgers were shipped for waits since they last read back. */
	readonly closedByWaits: Set<number>;
	sequence: number;
}

export function processState(): ProcessState {
	return {
		pending: [],
		parts: new Map(),
		events: new RecentMap(RECENT_EVENTS),
		recorders: new Map(),
		launchers: new Map(),
		seesRecords: false,
		awaited: new Set(),
		waitsInTurn: new Map(),
		closedByWaits: new Set(),
		sequence: 0,
	};
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
