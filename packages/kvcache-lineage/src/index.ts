export { AllocationLineage } from './allocation-lineage';
export type { LineageCounters } from './counters';
export {
	ALLOCATION_KINDS,
	type Allocated,
	type AllocationKind,
	type Created,
	type Freed,
	type Unmapped,
} from './events';
export type { AllocationFacts, AllocationSummary, Coverage, Tally } from './facts';
export type { Granularity } from './granularity';
export type { LineageOptions } from './options';
export { TURNOVER_WINDOW_MS, type Turnover } from './turnover';
