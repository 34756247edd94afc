/**
 * What became of every event. Allocations add up:
 * allocated = freed + replaced + overflowed + forgotten + those that are live.
 */
export interface LineageCounters {
	/** Allocations that became live. */
	readonly allocated: number;
	/** Live allocations that were freed or unmapped. */
	readonly freed: number;
	/** Live allocations whose address was allocated again: their free was not seen. */
	readonly replaced: number;
	/** Live allocations dropped because their process had too many. */
	readonly overflowed: number;
	/** Live allocations dropped with their process. */
	readonly forgotten: number;

	/** Frees of what is not live: allocated before anybody watched, dropped, or freed before. */
	readonly unknownFrees: number;
	/** Allocations of a kind whose end is not seen; never live. */
	readonly unended: number;
	/** Calls that CUDA refused. */
	readonly failed: number;
	/** Events with address 0. */
	readonly nullPointers: number;
	/** Events with a time, address or size that is no finite number of 0 or more. */
	readonly invalid: number;
	/** Processes dropped because there were too many. */
	readonly processEvictions: number;
}
