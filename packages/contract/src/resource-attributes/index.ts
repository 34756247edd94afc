// Attributes of the resource that a batch of telemetry describes. An empty value is never sent.

export const serviceName = {
	key: 'service.name',
	type: 'string',
	since: '<=0.10.0',
	description: 'Always `ingero`.',
} as const;

export const serviceVersion = {
	key: 'service.version',
	type: 'string',
	since: '<=0.10.0',
	description: 'Version of the agent.',
} as const;

export const nodeId = {
	key: 'ingero.node.id',
	type: 'string',
	gate: 'trace: --cluster set; fleet: always',
	since: '0.16.0',
	description: 'Node the agent runs on.',
} as const;

export const clusterId = {
	key: 'ingero.cluster.id',
	type: 'string',
	gate: 'trace: --cluster; fleet: required',
	since: '0.16.0',
	description: 'Cluster the operator named; never empty.',
} as const;

export const provider = {
	key: 'ingero.provider',
	type: 'string',
	gate: 'trace: --cluster set and provider known; fleet: provider known',
	since: '0.16.0',
	description: 'Cloud provider; absent when not known.',
} as const;

export const worldSize = {
	key: 'ingero.world_size',
	type: 'int',
	gate: 'fleet: world size > 0',
	since: '<=0.10.0',
	description: 'Ranks of the distributed job as declared.',
} as const;

export const nodeRank = {
	key: 'ingero.node.rank',
	type: 'int',
	gate: 'fleet: world size > 0',
	since: '<=0.10.0',
	description: 'Rank of this node, 0 included.',
} as const;

export const k8sNodeName = {
	key: 'k8s.node.name',
	type: 'string',
	gate: 'detection spans',
	since: '0.14.0',
	description: 'Node the agent runs on, under its Kubernetes name.',
} as const;

export const serviceInstanceId = {
	key: 'service.instance.id',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Id of this agent: node id and a hash of the boot id.',
} as const;

export const hostName = {
	key: 'host.name',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Host name.',
} as const;

export const hostId = {
	key: 'host.id',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Machine id.',
} as const;

export const cloudProvider = {
	key: 'cloud.provider',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Cloud provider, in the standard form.',
} as const;

export const k8sClusterName = {
	key: 'k8s.cluster.name',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Cluster the operator named, in the standard form.',
} as const;

export const telemetrySdkName = {
	key: 'telemetry.sdk.name',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Name of the SDK.',
} as const;

export const telemetrySdkLanguage = {
	key: 'telemetry.sdk.language',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: '`nodejs`.',
} as const;

export const telemetrySdkVersion = {
	key: 'telemetry.sdk.version',
	type: 'string',
	gate: 'semconv opt-in "resource"',
	since: 'ts-0.16',
	description: 'Version of the SDK.',
} as const;
