// What identifies a workload, its steps and its events.

export const cgroupPathHash = {
	key: 'ingero.cgroup.path_hash',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'cgroup_path_hash',
	goKey: 'ingero.cgroup_path_hash',
	since: '0.14.0',
	description: 'First 16 hexadecimal digits of the SHA-256 of the cgroup path; empty when the cgroup is not known.',
} as const;

export const inferStreamHandle = {
	key: 'ingero.infer.stream_handle',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'stream_handle',
	since: '0.16.0',
	description: 'CUDA stream handle, unsigned decimal.',
} as const;

export const inferPhase = {
	key: 'ingero.infer.phase',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'phase',
	enum: 'phases',
	since: '0.16.0',
	description: 'Phase of a step; empty when phases are not told apart.',
} as const;

export const inferOutlierBucket = {
	key: 'ingero.infer.outlier_bucket',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'bucket',
	enum: 'outlierBuckets',
	since: '0.16.0',
	description: 'Largest multiple of the baseline that a slow step reached.',
} as const;

export const inferSamplerCause = {
	key: 'ingero.infer.sampler.cause',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'cause',
	enum: 'samplerCauses',
	since: '0.16.0',
	description: 'Why the sampler left the healthy rate.',
} as const;

export const inferKernelFingerprint = {
	key: 'ingero.infer.kernel_fingerprint',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'kernel_fingerprint',
	gate: '--inference-fingerprint-key',
	since: '0.16.0',
	description: 'Hash of the kernels a step launched, in order, 16 lower-case hexadecimal digits.',
} as const;

export const eventId = {
	key: 'ingero.event.id',
	type: 'string',
	on: ['point', 'span'],
	prometheusLabel: 'ingero_event_id',
	since: '<=0.15.0',
	description:
		'Id under which one event appears on every channel. On outlier metrics only exemplars carry it, so that it makes no series.',
} as const;

export const inferDiscardReason = {
	key: 'ingero.infer.discard_reason',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'reason',
	enum: 'stepDiscardReasons',
	since: 'ts-0.16',
	description: 'Why a step stayed out of the baselines.',
} as const;
