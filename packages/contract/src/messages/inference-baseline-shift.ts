import type { BaselineShiftReason, Phase } from '../enums';
import type { Int64 } from '../message';

export const inferenceBaselineShift = {
	type: 'inference_baseline_shift',
	channels: ['remediation', 'stdout'],
	stability: 'experimental',
	since: 'ts-0.16',
	fields: {
		node_id: { type: 'string', required: true },
		cluster_id: { type: 'string', required: true },
		timestamp: { type: 'rfc3339nano', required: true },
		event_id: { type: 'uuid', required: true },
		cgroup_path_hash: { type: 'string', required: false },
		pid: { type: 'uint32', required: true },
		stream_handle: { type: 'uint64', required: false },
		phase: { type: 'string', required: false, enum: 'phases' },
		reason: { type: 'string', required: true, enum: 'baselineShiftReasons' },
		old_p95_ns: { type: 'int64', required: true },
		new_p95_ns: { type: 'int64', required: true },
		samples: { type: 'uint32', required: true },
	},
} as const;

/** What a workload's steps are compared with has changed for good. Sent once; steps at the new level are no outliers. */
export interface InferenceBaselineShiftMessage {
	readonly type: 'inference_baseline_shift';
	/** Node the agent runs on. */
	readonly node_id: string;
	/** Cluster the operator named, empty without one. */
	readonly cluster_id: string;
	/** End of the step that made it certain; empty in a replay whose recording has no wall clock. */
	readonly timestamp: string;
	readonly event_id: string;
	/** First 16 hexadecimal digits of the SHA-256 of the cgroup path; absent when the cgroup is not known. */
	readonly cgroup_path_hash?: string;
	readonly pid: number;
	/** CUDA stream handle, often beyond 2^53; absent for the default stream, 0. */
	readonly stream_handle?: Int64;
	/** Absent when phases are not told apart. */
	readonly phase?: Phase;
	readonly reason: BaselineShiftReason;
	/** 95th percentile of the work concerned until now, ns. */
	readonly old_p95_ns: Int64;
	/** The one that holds from now on, ns. */
	readonly new_p95_ns: Int64;
	/** Steps behind the new one. */
	readonly samples: number;
}
