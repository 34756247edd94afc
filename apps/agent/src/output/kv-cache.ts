import type { InferenceOutlierMessage } from '@ingero/contract/messages';
import type { KvCacheContext } from '@ingero/infer-baseline';
import { formatCount, formatDuration } from './format';

type KvCacheFields = Pick<
	InferenceOutlierMessage,
	'kv_cache_top_alloc_ages_ms' | 'kv_cache_age_granularity' | 'kv_cache_memory'
>;

/** The fields of an outlier's line that tell of the memory of its process; none where nobody follows it. */
export function kvCacheFields(memory: KvCacheContext | undefined): KvCacheFields {
	if (memory === undefined) return {};
	const { agesMs, granularity, coverage, liveAllocations, liveBytes, quietMs, turnover } = memory;
	return {
		...(agesMs.length === 0 ? {} : { kv_cache_top_alloc_ages_ms: agesMs }),
		kv_cache_age_granularity: granularity,
		kv_cache_memory: {
			coverage,
			live_allocations: liveAllocations,
			live_bytes: liveBytes,
			quiet_ms: quietMs,
			allocations_last_minute: turnover.allocations,
			frees_last_minute: turnover.frees,
			allocated_bytes_last_minute: turnover.allocatedBytes,
			freed_bytes_last_minute: turnover.freedBytes,
		},
	};
}

/** `; oldest of 32 allocations 2m0s (pool)`, for people. */
export function describeKvCache(memory: KvCacheContext | undefined): string {
	const oldestMs = memory?.agesMs[0];
	if (memory === undefined || oldestMs === undefined) return '';
	const { liveAllocations, granularity } = memory;
	return `; oldest of ${formatCount(liveAllocations)} allocations ${formatDuration(oldestMs * 1e6)} (${granularity})`;
}
