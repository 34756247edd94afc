import type { StepVerdict } from '../verdict';

/**
 * What the machine was doing while a slow step ran. The engine asks only when an outlier fires, so a reader may
 * cost something; it gets the step with its interval and answers `undefined` for "not known". A reader that
 * throws is counted, and its field left out.
 */
export interface OutlierContextReaders {
	/** NVML clock event reasons, a 64-bit set, over the step. */
	throttleReasons?(step: StepVerdict): bigint | undefined;
	/** Lowest SM clock over the step, MHz. */
	minSmClockMhz?(step: StepVerdict): number | undefined;
	/** The device memory of the step's process at its end. Asked for decodes only, or for every step when phases are off. */
	kvCache?(step: StepVerdict): KvCacheContext | undefined;
}

/** What is known of the device memory that a KV cache lies in; what its figures are of says `granularity`. */
export interface KvCacheContext {
	/** Ages of the oldest live allocations, whole ms, oldest first. */
	readonly agesMs: readonly number[];
	/** What one allocation is: a `pool` taken once and kept, a `segment` of a caching allocator, a buffer of the application's own. */
	readonly granularity: 'blocks' | 'segments' | 'mapped' | 'pool' | 'unknown';
	/** Whether all of the process's allocations were seen. */
	readonly coverage: 'whole' | 'part' | 'unknown';
	readonly liveAllocations: number;
	readonly liveBytes: number;
	/** Whole ms since anything was allocated or freed; null if nothing ever was. */
	readonly quietMs: number | null;
	/** In the minute before. */
	readonly turnover: {
		readonly allocations: number;
		readonly frees: number;
		readonly allocatedBytes: number;
		readonly freedBytes: number;
	};
}

/** The part of an outlier that its step does not carry. */
export interface OutlierDetail {
	readonly eventId: string;
	readonly throttleReasons?: bigint;
	readonly minSmClockMhz?: number;
	readonly kvCache?: KvCacheContext;
}

/**
 * Asks the readers about one outlier.
 *
 * @param onError called once for each reader that threw
 */
export function readContext(
	readers: OutlierContextReaders,
	step: StepVerdict,
	onError: () => void,
): Omit<OutlierDetail, 'eventId'> {
	const attempt = <T>(read: () => T | undefined): T | undefined => {
		try {
			return read();
		} catch {
			onError();
			return undefined;
		}
	};
	const throttleReasons = attempt(() => readers.throttleReasons?.(step));
	const minSmClockMhz = attempt(() => readers.minSmClockMhz?.(step));
	const usesKvCache = step.phase === 'decode' || step.phase === '';
	const kvCache = usesKvCache ? attempt(() => readers.kvCache?.(step)) : undefined;
	return {
		...(throttleReasons !== undefined && { throttleReasons }),
		...(minSmClockMhz !== undefined && { minSmClockMhz }),
		...(kvCache !== undefined && { kvCache }),
	};
}
