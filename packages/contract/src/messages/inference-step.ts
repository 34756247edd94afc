import type { OutlierBucket, Phase, SlowStepCause } from '../enums';
import type { Int64 } from '../message';

export const inferenceStep = {
	type: 'inference_step',
	channels: ['stdout'],
	stability: 'experimental',
	since: 'ts-0.16',
	fields: {
		pid: { type: 'uint32', required: true },
		tid: { type: 'uint32', required: true },
		cgroup_path_hash: { type: 'string', required: true },
		stream_handle: { type: 'decimal', required: true },
		phase: { type: 'string', required: true, enum: 'phases' },
		phase_evidence: { type: 'string', required: false },
		start_ns: { type: 'int64', required: true },
		end_ns: { type: 'int64', required: true },
		step_duration_ns: { type: 'int64', required: true },
		launch_count: { type: 'uint32', required: true },
		graph_launch_count: { type: 'uint32', required: true },
		grid_blocks: { type: 'uint64', required: true },
		memcpy_bytes: { type: 'uint64', required: true },
		nccl_count: { type: 'uint32', required: false },
		launches_unseen: { type: 'bool', required: false },
		bucket: { type: 'string', required: true, nullable: true, enum: 'outlierBuckets' },
		ratio: { type: 'double', required: true, nullable: true },
		expected_ns: { type: 'int64', required: true, nullable: true },
		threshold_ns: { type: 'int64', required: true, nullable: true },
		baseline_p95_ns: { type: 'int64', required: true, nullable: true },
		warmed: { type: 'bool', required: true },
		cause: {
			type: 'object',
			required: false,
			fields: {
				name: { type: 'string', required: true, enum: 'slowStepCauses' },
				explained_ms: { type: 'double', required: true },
				share: { type: 'double', required: true },
			},
		},
	},
} as const;

/** A step was completed. Times are ns on the clock of the source: that of the recording, or the kernel's. */
export interface InferenceStepMessage {
	readonly type: 'inference_step';
	readonly pid: number;
	/** Thread that read the result back. */
	readonly tid: number;
	/** First 16 hexadecimal digits of the SHA-256 of the cgroup path; empty when the cgroup is not known. */
	readonly cgroup_path_hash: string;
	/** CUDA stream with the most work of the step; `0` is the default stream. */
	readonly stream_handle: string;
	readonly phase: Phase;
	/** What decided the phase, in a word; absent when the classifier does not say it. */
	readonly phase_evidence?: string;
	/** End of the step before, or the first work of this one when it came later. */
	readonly start_ns: Int64;
	/** When the result reached the host. */
	readonly end_ns: Int64;
	/** `end_ns` minus `start_ns`. */
	readonly step_duration_ns: Int64;
	/** Kernels launched one by one. */
	readonly launch_count: number;
	/** Graphs launched; the kernels within are not counted. */
	readonly graph_launch_count: number;
	/** Sum of the blocks of all launched grids. */
	readonly grid_blocks: Int64;
	/** Bytes copied, all directions. */
	readonly memcpy_bytes: Int64;
	/** NCCL collectives, sends and receives; absent when there were none. */
	readonly nccl_count?: number;
	/** True when kernel launches were not watched while it ran, to save their cost: they are not in the counts. */
	readonly launches_unseen?: boolean;
	/** Null when the step was not slow, or nothing can be said before the baseline is warm. */
	readonly bucket: OutlierBucket | null;
	/** `step_duration_ns` over `threshold_ns`; null when the step was not compared. */
	readonly ratio: number | null;
	/** Median of the steps that did the same work, ns; null when the step was not compared. */
	readonly expected_ns: Int64 | null;
	/** 95th percentile of the steps that did the same work, ns; null when the step was not compared. */
	readonly threshold_ns: Int64 | null;
	/** 95th percentile of the workload before this step, whatever the work, ns; null before the baseline is warm. */
	readonly baseline_p95_ns: Int64 | null;
	/** The baseline had seen enough steps, and enough of this one's work, to judge it. */
	readonly warmed: boolean;
	/** Why the step was slow; only on slow ones, and absent when nothing is known of where its time went. */
	readonly cause?: {
		readonly name: SlowStepCause;
		/** Part of the excess over the usual duration that the evidence accounts for, ms. */
		readonly explained_ms: number;
		/** The same as a share of the excess, 0 to 1. */
		readonly share: number;
	};
}
