import type { DominantSignal } from '../enums';

export const stragglerState = {
	type: 'straggler_state',
	channels: ['remediation'],
	stability: 'experimental',
	since: '<=0.10.0',
	fields: {
		node_id: { type: 'string', required: true },
		cluster_id: { type: 'string', required: true },
		timestamp: { type: 'rfc3339nano', required: true },
		score: { type: 'double', required: true },
		threshold: { type: 'double', required: true },
		detection_mode: { type: 'string', required: true },
		dominant_signal: { type: 'string', required: true, enum: 'dominantSignals' },
		event_id: { type: 'uuid', required: false, since: '<=0.15.0' },
		rank: { type: 'int', required: false, since: '<=0.15.0' },
		world_size: { type: 'int', required: false, since: '<=0.15.0' },
	},
} as const;

/** The node takes itself for a straggler. */
export interface StragglerStateMessage {
	readonly type: 'straggler_state';
	readonly node_id: string;
	/** Cluster the operator named, empty without one. */
	readonly cluster_id: string;
	readonly timestamp: string;
	/** Health of the node, 0 to 1. */
	readonly score: number;
	/** Threshold that the score fell below. */
	readonly threshold: number;
	/** Where the threshold comes from: a detection mode, or `calibrating`. */
	readonly detection_mode: string;
	/** Signal that fell the furthest. */
	readonly dominant_signal: DominantSignal;
	/** The id of the same event in the fleet's telemetry. */
	readonly event_id?: string;
	/** Rank of the agent, 0 included; present with `world_size`. */
	readonly rank?: number;
	/** Ranks of the job; absent without one. */
	readonly world_size?: number;
}

export const stragglerResolved = {
	type: 'straggler_resolved',
	channels: ['remediation'],
	stability: 'experimental',
	since: '<=0.10.0',
	fields: {
		node_id: { type: 'string', required: true },
		cluster_id: { type: 'string', required: true },
		timestamp: { type: 'rfc3339nano', required: true },
		event_id: { type: 'uuid', required: false, since: '<=0.15.0' },
		rank: { type: 'int', required: false, since: '<=0.15.0' },
		world_size: { type: 'int', required: false, since: '<=0.15.0' },
	},
} as const;

/** The node has recovered. */
export interface StragglerResolvedMessage {
	readonly type: 'straggler_resolved';
	readonly node_id: string;
	/** Cluster the operator named, empty without one. */
	readonly cluster_id: string;
	readonly timestamp: string;
	/** Id of the recovery, not of the event that it ends. */
	readonly event_id?: string;
	/** Rank of the agent, 0 included; present with `world_size`. */
	readonly rank?: number;
	/** Ranks of the job; absent without one. */
	readonly world_size?: number;
}
