import type { KvCacheCoverage, KvCacheGranularity, OutlierBucket, Phase, SlowStepCause } from '../enums';
import type { Int64 } from '../message';

export const inferenceOutlier = {
	type: 'inference_outlier',
	channels: ['remediation', 'stdout'],
	stability: 'experimental',
	since: '0.16.0',
	fields: {
		node_id: { type: 'string', required: true },
		cluster_id: { type: 'string', required: true },
		timestamp: { type: 'rfc3339nano', required: true },
		event_id: { type: 'uuid', required: false },
		cgroup_path_hash: { type: 'string', required: false },
		pid: { type: 'uint32', required: true },
		stream_handle: { type: 'uint64', required: false },
		phase: { type: 'string', required: false, enum: 'phases' },
		step_duration_ns: { type: 'int64', required: true },
		baseline_p95_ns: { type: 'int64', required: true },
		baseline_mean_ns: { type: 'int64', required: false },
		bucket: { type: 'string', required: true, enum: 'outlierBuckets' },
		rank: { type: 'int', required: false },
		world_size: { type: 'int', required: false },
		memfrag_events_in_step: { type: 'uint32', required: false },
		throttle_reasons: { type: 'uint64', required: false },
		min_sm_clock_mhz: { type: 'uint32', required: false },
		kv_cache_top_alloc_ages_ms: { type: 'uint64[]', required: false },
		kv_cache_age_granularity: {
			type: 'string',
			required: false,
			since: 'ts-0.16',
			enum: 'kvCacheGranularities',
		},
		kv_cache_memory: {
			type: 'object',
			required: false,
			since: 'ts-0.16',
			fields: {
				coverage: { type: 'string', required: true, enum: 'kvCacheCoverages' },
				live_allocations: { type: 'uint32', required: true },
				live_bytes: { type: 'uint64', required: true },
				quiet_ms: { type: 'uint64', required: true, nullable: true },
				allocations_last_minute: { type: 'uint32', required: true },
				frees_last_minute: { type: 'uint32', required: true },
				allocated_bytes_last_minute: { type: 'uint64', required: true },
				freed_bytes_last_minute: { type: 'uint64', required: true },
			},
		},
		expected_ns: { type: 'int64', required: false, since: 'ts-0.16' },
		threshold_ns: { type: 'int64', required: false, since: 'ts-0.16' },
		cause: {
			type: 'object',
			required: false,
			since: 'ts-0.16',
			fields: {
				name: { type: 'string', required: true, enum: 'slowStepCauses' },
				explained_ms: { type: 'double', required: true },
				share: { type: 'double', required: true },
			},
		},
	},
} as const;

/** A step was slow. */
export interface InferenceOutlierMessage {
	readonly type: 'inference_outlier';
	/** Node the agent runs on. */
	readonly node_id: string;
	/** Cluster the operator named, empty without one. */
	readonly cluster_id: string;
	/** End of the step; empty in a replay whose recording has no wall clock. */
	readonly timestamp: string;
	/** The id of the same event in spans and in the exemplars of metrics. */
	readonly event_id?: string;
	/** First 16 hexadecimal digits of the SHA-256 of the cgroup path; absent when the cgroup is not known. */
	readonly cgroup_path_hash?: string;
	readonly pid: number;
	/** CUDA stream handle, often beyond 2^53; absent for the default stream, 0. */
	readonly stream_handle?: Int64;
	/** Absent when phases are not told apart. */
	readonly phase?: Phase;
	readonly step_duration_ns: Int64;
	/** 95th percentile of the workload, whatever the work, ns; with prompts of many lengths even a slow step can be below it. */
	readonly baseline_p95_ns: Int64;
	/** Mean of the healthy steps at that time, ns. */
	readonly baseline_mean_ns?: Int64;
	readonly bucket: OutlierBucket;
	/** Rank of the agent, 0 included; present with `world_size`. */
	readonly rank?: number;
	/** Ranks of the job; absent without one. */
	readonly world_size?: number;
	/** Calls into the NVIDIA kernel driver during the step; absent when 0. */
	readonly memfrag_events_in_step?: number;
	/** NVML bitmap of the reasons for low clocks without the idle bit; absent when 0. */
	readonly throttle_reasons?: Int64;
	/** Lowest SM clock during the step, MHz; absent when not known. */
	readonly min_sm_clock_mhz?: number;
	/** Ages of the oldest live device allocations of a decode step, ms, the oldest first; only when allocations are followed. */
	readonly kv_cache_top_alloc_ages_ms?: readonly Int64[];
	/** What one of these allocations is: an age is not of a block of the cache unless this says `blocks`. */
	readonly kv_cache_age_granularity?: KvCacheGranularity;
	/** The device memory of the process at the end of the step, as its allocations show it. */
	readonly kv_cache_memory?: {
		readonly coverage: KvCacheCoverage;
		readonly live_allocations: number;
		readonly live_bytes: Int64;
		/** Time since anything was allocated or freed, ms; null if nothing ever was. */
		readonly quiet_ms: Int64 | null;
		/** The last 55 to 60 s, here and below. */
		readonly allocations_last_minute: number;
		readonly frees_last_minute: number;
		readonly allocated_bytes_last_minute: Int64;
		readonly freed_bytes_last_minute: Int64;
	};
	/** Median of the steps that did the same work, ns. */
	readonly expected_ns?: Int64;
	/** 95th percentile of the steps that did the same work, ns: the step's duration over it makes the bucket. */
	readonly threshold_ns?: Int64;
	/** Why it was slow; absent when nothing is known of where its time went. */
	readonly cause?: {
		readonly name: SlowStepCause;
		/** Part of the excess over the usual duration that the evidence accounts for, ms. */
		readonly explained_ms: number;
		/** The same as a share of the excess, 0 to 1. */
		readonly share: number;
	};
}
