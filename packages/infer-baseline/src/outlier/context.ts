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
	/** Ages of the oldest live allocations at the step's end, ms, oldest first. Asked for decodes only, or for every step when phases are off. */
	kvCacheAgesMs?(step: StepVerdict): readonly number[] | undefined;
}

/** The part of an outlier that its step does not carry. */
export interface OutlierDetail {
	readonly eventId: string;
	readonly throttleReasons?: bigint;
	readonly minSmClockMhz?: number;
	readonly kvCacheAgesMs?: readonly number[];
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
	const kvCacheAgesMs = usesKvCache ? attempt(() => readers.kvCacheAgesMs?.(step)) : undefined;
	return {
		...(throttleReasons !== undefined && { throttleReasons }),
		...(minSmClockMhz !== undefined && { minSmClockMhz }),
		...(kvCacheAgesMs !== undefined && { kvCacheAgesMs }),
	};
}
