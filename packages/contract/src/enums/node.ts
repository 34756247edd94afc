// Values that describe the node and what is found out about it.

/** States of the agent that it reports. */
export const nodeStates = ['active', 'calibrating', 'idle'] as const;
export type NodeState = (typeof nodeStates)[number];

/** States of the agent that it keeps to itself. */
export const internalNodeStates = ['stale'] as const;

/** Where the threshold of the health score comes from. */
export const detectionModes = ['fleet', 'fleet-cached', 'local-cached', 'local-baseline', 'none'] as const;
export type DetectionMode = (typeof detectionModes)[number];

/** What a node is used for. */
export const workloadTypes = ['training', 'inference', 'unknown'] as const;
export type WorkloadType = (typeof workloadTypes)[number];

/** Signal that fell the furthest when a health score crossed its threshold. */
export const dominantSignals = ['throughput', 'compute', 'memory', 'cpu', 'unknown'] as const;
export type DominantSignal = (typeof dominantSignals)[number];

/** How bad a finding is. */
export const severities = ['HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof severities)[number];

/** Cloud providers that are recognised, the keys of the price table, and where the two differ. */
export const providers = {
	detected: ['aws', 'gcp', 'azure'],
	ratesKeys: ['ec2', 'gcp', 'azure', 'lambda', 'coreweave'],
	alias: { aws: 'ec2' },
} as const;
