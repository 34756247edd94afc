import type { LossCause, OutlierBucket, Phase, ProbeLevel, SessionSource, StepDiscardReason } from '../enums';
import type { Int64 } from '../message';

export const summary = {
	type: 'summary',
	channels: ['stdout'],
	stability: 'experimental',
	since: 'ts-0.16',
	fields: {
		contract_version: { type: 'string', required: true },
		source: { type: 'string', required: true, enum: 'sessionSources' },
		start_ns: { type: 'int64', required: true, nullable: true },
		end_ns: { type: 'int64', required: true, nullable: true },
		processes: { type: 'uint32', required: true },
		workloads: { type: 'uint32', required: true },
		steps: { type: 'map<int64>', required: true, enum: 'phases' },
		outliers: { type: 'map<int64>', required: true, enum: 'outlierBuckets' },
		steps_discarded: { type: 'map<int64>', required: true, enum: 'stepDiscardReasons' },
		events: {
			type: 'object',
			required: true,
			fields: {
				produced: { type: 'int64', required: true },
				delivered: { type: 'int64', required: true },
				sampled_out: { type: 'int64', required: true },
				dropped: { type: 'map<int64>', required: true, enum: 'lossCauses' },
			},
		},
		ledgers: {
			type: 'object',
			required: true,
			fields: {
				delivered: { type: 'int64', required: true },
				dropped: { type: 'map<int64>', required: true, enum: 'lossCauses' },
			},
		},
		outputs: {
			type: 'object',
			required: true,
			fields: {
				dropped: { type: 'map<int64>', required: true, enum: 'lossCauses' },
			},
		},
		probing: {
			type: 'object',
			required: false,
			fields: {
				level: { type: 'string', required: true, enum: 'probeLevels' },
				overhead: { type: 'double', required: true },
				program_runs: { type: 'map<int64>', required: true },
				program_run_ns: { type: 'map<int64>', required: true },
			},
		},
		device_allocations: {
			type: 'object',
			required: false,
			fields: {
				allocated: { type: 'int64', required: true },
				freed: { type: 'int64', required: true },
				replaced: { type: 'int64', required: true },
				overflowed: { type: 'int64', required: true },
				forgotten: { type: 'int64', required: true },
				live: { type: 'int64', required: true },
				refused: { type: 'int64', required: true },
				unended: { type: 'int64', required: true },
				unknown_frees: { type: 'int64', required: true },
			},
		},
	},
} as const;

/** The session is over: the last line. Every phase, bucket, reason and cause is there, also with 0. */
export interface SummaryMessage {
	readonly type: 'summary';
	/** Version of this contract that the lines before follow. */
	readonly contract_version: string;
	/** Where the events came from. */
	readonly source: SessionSource;
	/** Time of the first event, ns on the clock of the source; null without events. */
	readonly start_ns: Int64 | null;
	/** Time of the last event, ns on the clock of the source; null without events. */
	readonly end_ns: Int64 | null;
	/** Processes that completed a step. */
	readonly processes: number;
	/** Workloads that completed a step. */
	readonly workloads: number;
	/** Steps completed, by phase. */
	readonly steps: Readonly<Record<Phase, Int64>>;
	/** Slow steps, each in the largest bucket it reached. */
	readonly outliers: Readonly<Record<OutlierBucket, Int64>>;
	/** Steps kept out of the baselines, by reason. */
	readonly steps_discarded: Readonly<Record<StepDiscardReason, Int64>>;
	/** The loss ledger of CUDA calls: `produced` is the sum of `delivered`, `sampled_out` and all of `dropped`. */
	readonly events: {
		readonly produced: Int64;
		readonly delivered: Int64;
		readonly sampled_out: Int64;
		readonly dropped: Readonly<Record<LossCause, Int64>>;
	};
	/** Records that steps are made of: ledger parts, and the read-backs, waits and events between them. */
	readonly ledgers: {
		readonly delivered: Int64;
		readonly dropped: Readonly<Record<LossCause, Int64>>;
	};
	/** What had been delivered and was lost by the database or a file, in rows or events. */
	readonly outputs: { readonly dropped: Readonly<Record<LossCause, Int64>> };
	/** How much was probed at the end, and what it cost; absent for a replay. */
	readonly probing?: {
		readonly level: ProbeLevel;
		/** Of the process that paid most in the last second, a share of one thread's time; 0 without `--max-overhead`. */
		readonly overhead: number;
		/** Runs of each of the probes' programs, in the samples in which they were timed: one second in fifteen. */
		readonly program_runs: Readonly<Record<string, Int64>>;
		/** What these runs took, ns. */
		readonly program_run_ns: Readonly<Record<string, Int64>>;
	};
	/**
	 * What became of the device allocations that were followed; absent when none were. `allocated` is the sum of `freed`,
	 * `replaced`, `overflowed`, `forgotten` and `live`.
	 */
	readonly device_allocations?: {
		readonly allocated: Int64;
		readonly freed: Int64;
		/** Their address was allocated again: their end was not seen. */
		readonly replaced: Int64;
		/** Dropped, because their process had too many. */
		readonly overflowed: Int64;
		/** Dropped with their process. */
		readonly forgotten: Int64;
		readonly live: Int64;
		/** Calls that CUDA refused. */
		readonly refused: Int64;
		/** Of a kind whose end this source does not show: never taken for live. */
		readonly unended: Int64;
		/** Ends of what nobody saw allocated. */
		readonly unknown_frees: Int64;
	};
}
