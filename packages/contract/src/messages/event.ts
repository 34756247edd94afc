import type { Int64 } from '../message';

export const event = {
	type: 'event',
	channels: ['stdout'],
	stability: 'experimental',
	since: 'ts-0.16',
	fields: {
		ts_ns: { type: 'int64', required: true },
		duration_ns: { type: 'int64', required: true },
		pid: { type: 'uint32', required: true },
		tid: { type: 'uint32', required: true },
		op: { type: 'string', required: true },
		args: { type: 'decimal[]', required: true },
	},
} as const;

/** A raw event that the sampler admitted. */
export interface EventMessage {
	readonly type: 'event';
	/** When the call returned, or was entered if it has no duration, ns on the clock of the source. */
	readonly ts_ns: Int64;
	/** 0 for events without a duration. */
	readonly duration_ns: Int64;
	readonly pid: number;
	readonly tid: number;
	/** Name of the operation, e.g. `cuLaunchKernel`. */
	readonly op: string;
	/** Arguments in the order of the operation, unsigned decimal. */
	readonly args: readonly string[];
}
