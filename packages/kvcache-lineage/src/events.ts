/**
 * How a process got memory on its device:
 * - `device`: cuMemAlloc, which cudaMalloc calls
 * - `managed`: cuMemAllocManaged, which cudaMallocManaged calls
 * - `async`: cuMemAllocAsync and cuMemAllocFromPoolAsync, which cudaMallocAsync calls
 * - `mapped`: cuMemMap, an address range with physical memory behind it
 */
export type AllocationKind = 'device' | 'managed' | 'async' | 'mapped';

/** All kinds; a kind's place is its code. */
export const ALLOCATION_KINDS: readonly AllocationKind[] = ['device', 'managed', 'async', 'mapped'];

/** What every event has. */
interface AllocationFact {
	/** The user-space process. */
	readonly pid: number;
	/** When the call returned, or was entered if that is all that was seen; ns on one clock for all events. */
	readonly tNs: number;
	/** CUDA's return code, 0 for success; an event with another one is counted and changes nothing. Default 0. */
	readonly result?: number;
}

/** Memory that a process now has at an address. */
export interface Allocated extends AllocationFact {
	readonly kind: AllocationKind;
	/** Device address as a number, exact below 2^53; not where the caller wants it written. 0 is ignored. */
	readonly pointer: number;
	/** Size as the call asked for it. */
	readonly bytes: number;
}

/** cuMemFree or cuMemFreeAsync: gives back memory of any kind but `mapped`. */
export interface Freed extends AllocationFact {
	/** 0 is ignored, as CUDA does. */
	readonly pointer: number;
}

/** cuMemUnmap: gives back the mapped ranges that follow each other from `pointer` on. */
export interface Unmapped extends AllocationFact {
	readonly pointer: number;
	readonly bytes: number;
}

/** cuMemCreate: physical memory, which has no address until it is mapped. */
export interface Created extends AllocationFact {
	readonly bytes: number;
}
