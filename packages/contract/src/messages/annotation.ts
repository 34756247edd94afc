import type { Int64 } from '../message';

export const annotation = {
	type: null,
	channels: ['annotation'],
	stability: 'experimental',
	since: '0.17.0',
	fields: {
		labels: { type: 'map<string>', required: true },
		ts: { type: 'int64', required: false },
		pid: { type: 'uint32', required: false },
		start_time: { type: 'uint64', required: false },
		span_start: { type: 'int64', required: false },
		span_end: { type: 'int64', required: false },
		v: { type: 'int', required: false },
	},
} as const;

/** Labels that a program attaches to a moment or a span of its own time. The limits are those of the socket. */
export interface Annotation {
	/** Keys of letters, digits, `_`, `.` and `-`. */
	readonly labels: Readonly<Record<string, string>>;
	/** Unix time, ns; the time of receipt when absent. */
	readonly ts?: Int64;
	/** Process it is about, of the sender's own user; the node when absent. */
	readonly pid?: number;
	/** Start of that process in clock ticks since boot, from /proc; refused when another process has the pid now. */
	readonly start_time?: Int64;
	/** Unix time, ns. */
	readonly span_start?: Int64;
	/** Unix time, ns; not before `span_start`. */
	readonly span_end?: Int64;
	/** Version of this message, 1. */
	readonly v?: number;
}
