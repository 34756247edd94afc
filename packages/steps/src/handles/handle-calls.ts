/** Calls that make, describe or end the handles that other calls name: NCCL communicators, CUDA graphs. */
const HANDLE_CALLS: ReadonlySet<string> = new Set([
	'ncclCommInitRank',
	'ncclCommInitRankConfig',
	'ncclCommInitRankScalable',
	'ncclCommInitAll',
	'ncclCommSplit',
	'ncclCommCount',
	'ncclCommUserRank',
	'ncclCommFinalize',
	'ncclCommDestroy',
	'ncclCommAbort',
	'cuStreamBeginCapture_v2',
	'cuStreamBeginCaptureToGraph',
	'cuStreamEndCapture',
	'cuGraphInstantiateWithFlags',
	'cuGraphInstantiateWithParams',
	'cuGraphExecDestroy',
	'cuGraphDestroy',
]);

/** @param name without the suffix of a per-thread variant */
export function isHandleCall(name: string): boolean {
	return HANDLE_CALLS.has(name);
}
