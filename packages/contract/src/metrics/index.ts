export {
	agentEventsDelivered,
	agentEventsDropped,
	agentEventsProduced,
	agentEventsSampledOut,
	anomalyCount,
	ringbufOverflowsTotal,
	traceDbBytes,
	traceDbPrunedRowsTotal,
} from './agent';
export {
	gpuCudaOperationCount,
	gpuCudaOperationDuration,
	gpuKernelLaunchCount,
	gpuKernelLaunchGridBlocks,
	gpuKernelLaunchThreadsPerBlock,
	gpuMemcpyBytesTotal,
	gpuMemcpyDurationMs,
} from './cuda';
export {
	genAiClientOperationDuration,
	genAiClientOperationTimeToFirstToken,
	genAiClientTokenUsage,
	genAiServerRequestDuration,
	genAiServerRequestDurationDecode,
	genAiServerRequestDurationPrefill,
	genAiServerTimePerOutputToken,
	genAiServerTimeToFirstToken,
} from './engine';
export {
	exportDroppedItemsTotal,
	exportQueueItems,
	exportRejectedItemsTotal,
	exportRequestsTotal,
	exportRetriesTotal,
	seriesOverflowTotal,
	udsDroppedTotal,
} from './export';
export {
	hwGpuMemoryLimit,
	hwGpuMemoryUsage,
	hwGpuMemoryUtilization,
	hwGpuUtilization,
	hwStatus,
} from './hardware';
export {
	systemCpuLoadAverage1m,
	systemCpuUtilization,
	systemMemoryLinuxAvailable,
	systemMemoryUsageAvailable,
	systemMemoryUtilization,
} from './host';
export {
	inferBaselineMeanNs,
	inferBaselineP95Ns,
	inferKvcacheAllocAgeMs,
	inferOutlierTotal,
	inferSamplerDegradationsTotal,
	inferSamplerDegraded,
	inferStepDurationNs,
	inferThrottleActiveTotal,
	inferWorkloadsTracked,
} from './inference';
export {
	inferEvictionsTotal,
	inferOutlierQueueDroppedTotal,
	inferScrapeErrorsTotal,
	inferStepsClassifiedTotal,
	inferStepsDiscarded,
} from './inference-health';
export {
	gpuMemfragIoctlEventTotal,
	gpuMemoryFragmentationEstimate,
	gpuMemoryFree,
	gpuMemoryProcessAllocatedBytes,
	gpuMemoryTotal,
	gpuMemoryUsed,
} from './memory';
export {
	gpuNcclCollectiveBarrierEvents,
	gpuNcclCollectiveBytesTotal,
	gpuNcclCollectiveCount,
	gpuNcclProcessesTotal,
	gpuNcclProcessLoaded,
	ncclCollectiveBarrierWaitMs,
	ncclCollectiveBytes,
	ncclCollectiveDurationMs,
	ncclCollectivePeerLagMs,
} from './nccl';
export {
	agentDetectionMode,
	agentFleetReachable,
	nodeComputeEfficiency,
	nodeCpuAvailability,
	nodeCpuStallNanosTotal,
	nodeCudaKernelLaunchTotal,
	nodeCudaMemcpyBytesTotal,
	nodeDegradationWarning,
	nodeHealthScore,
	nodeInfo,
	nodeMemoryHeadroom,
	nodeStragglerEvent,
	nodeThroughputRatio,
	nodeWorldSize,
} from './node';
export {
	sinkActiveStragglers,
	sinkConnected,
	sinkDroppedTotal,
	sinkEventsTotal,
	sinkLastEventTimestampSeconds,
	sinkParseErrorsTotal,
} from './sink';
export {
	gpuThrottleHwActive,
	gpuThrottleHwEventTotal,
	gpuThrottlePowerActive,
	gpuThrottlePowerEventTotal,
	gpuThrottleSwActive,
	gpuThrottleSwEventTotal,
	gpuThrottleThermalActive,
	gpuThrottleThermalEventTotal,
} from './throttle';
