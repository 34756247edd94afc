import type { OutlierBucket, Phase } from '../enums';
import type { Int64 } from '../message';

export const inferenceSamplerDegraded = {
	type: 'inference_sampler_degraded',
	channels: ['remediation'],
	stability: 'experimental',
	since: '0.16.0',
	fields: {
		node_id: { type: 'string', required: true },
		cluster_id: { type: 'string', required: true },
		timestamp: { type: 'rfc3339nano', required: true },
		cgroup_path_hash: { type: 'string', required: false },
		pid: { type: 'uint32', required: true },
		stream_handle: { type: 'uint64', required: false },
		phase: { type: 'string', required: false, enum: 'phases' },
		bucket: { type: 'string', required: true, enum: 'outlierBuckets' },
		cause: { type: 'string', required: true },
		cooldown_end: { type: 'rfc3339nano', required: true },
		rank: { type: 'int', required: false },
		world_size: { type: 'int', required: false },
	},
} as const;

/** The sampler left the healthy rate and admits everything for a while. One message a flip. */
export interface InferenceSamplerDegradedMessage {
	readonly type: 'inference_sampler_degraded';
	/** Node the agent runs on. */
	readonly node_id: string;
	/** Cluster the operator named, empty without one. */
	readonly cluster_id: string;
	readonly timestamp: string;
	/** First 16 hexadecimal digits of the SHA-256 of the cgroup path; absent when the cgroup is not known. */
	readonly cgroup_path_hash?: string;
	/** Process whose slow step it was. */
	readonly pid: number;
	/** CUDA stream handle, often beyond 2^53; absent for the default stream, 0. */
	readonly stream_handle?: Int64;
	/** Absent when phases are not told apart. */
	readonly phase?: Phase;
	/** Bucket of the slow step, not the configured threshold. */
	readonly bucket: OutlierBucket;
	/** `<bucket>:cgroup=<hash>,pid=<pid>,phase=<phase>`. */
	readonly cause: string;
	/** When the healthy rate returns unless another slow step comes. */
	readonly cooldown_end: string;
	/** Rank of the agent, 0 included; present with `world_size`. */
	readonly rank?: number;
	/** Ranks of the job; absent without one. */
	readonly world_size?: number;
}
