export { type MemcpyDirection, memcpyDirections, memcpyKindCodes, type Source, sources } from './cuda';
export {
	type BaselineShiftReason,
	baselineShiftReasons,
	type Engine,
	engines,
	type KvCacheCoverage,
	type KvCacheGranularity,
	kvCacheCoverages,
	kvCacheGranularities,
	type OutlierBucket,
	outlierBuckets,
	type Phase,
	phases,
	type SamplerCause,
	type SamplerDegradeOn,
	samplerCauses,
	samplerDegradeOn,
} from './inference';
export {
	type DemoScenario,
	demoScenarios,
	type McpFleetAction,
	type McpTool,
	mcpFleetActions,
	mcpPrompts,
	mcpTools,
	type PagerdutySeverity,
	pagerdutySeverities,
} from './interfaces';
export { eventFates, type LossCause, lossCauses } from './losses';
export { type NcclOpType, ncclDatatypes, ncclOpCodes, ncclOpTypes, ncclReduceOps } from './nccl';
export {
	type DetectionMode,
	type DominantSignal,
	detectionModes,
	dominantSignals,
	internalNodeStates,
	type NodeState,
	nodeStates,
	providers,
	type Severity,
	severities,
	type WorkloadType,
	workloadTypes,
} from './node';
export {
	type SessionSource,
	type SlowStepCause,
	type StepDiscardReason,
	sessionSources,
	slowStepCauses,
	stepDiscardReasons,
} from './steps';
export { nvmlThrottleBits, type ThrottleBucket, throttleBuckets } from './throttle';
export {
	aggregationTemporalities,
	type ExportDropReason,
	exportDropReasons,
	grpcMetadata,
	httpHeaders,
	idSalts,
	paths,
	queryParams,
	type SemconvGroup,
	type SemconvMode,
	semconvGroups,
	semconvModes,
	spanKinds,
	statusCodes,
	type UdsDropReason,
	udsDropReasons,
} from './wire';
