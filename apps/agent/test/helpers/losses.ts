import { RECORD_WORDS } from '@ingero/recording';
import type { CompletedLedger, SourceClock } from '@ingero/steps';
import type { PipelineOptions } from './pipeline';
import type { Taken } from './recordings';
import { timeOf } from './records';

/** After `kept` records in a row, `lost` in a row are lost, and so on to the end, again and again. */
export interface Loss {
	readonly kept: number;
	readonly lost: number;
}

/**
 * The recording without what was lost, and which steps that touched, as a source knows them that loses records but sees
 * that it does: what was under way meanwhile, and what its thread read back next.
 */
export function lose(
	recording: Taken,
	losses: readonly Loss[],
): { readonly left: Taken; readonly isLossy: NonNullable<PipelineOptions['isLossy']> } {
	const { header, records } = recording;
	const count = records.length / RECORD_WORDS;
	const left = new Uint32Array(records.length);
	const gaps: { fromNs: number; toNs: number }[] = [];
	let used = 0;
	for (let at = 0, i = 0; at < count; i++) {
		const { kept, lost } = losses[i % losses.length] as Loss;
		const part = records.subarray(at * RECORD_WORDS, (at + kept) * RECORD_WORDS);
		left.set(part, used);
		used += part.length;
		at += kept;
		if (at + lost >= count) continue;
		gaps.push({ fromNs: timeOf(records, at * RECORD_WORDS), toNs: timeOf(records, (at + lost) * RECORD_WORDS) });
		at += lost;
	}
	const enqueuedBefore = new Map<number, number>();
	const isLossy = (ledger: CompletedLedger, clock: SourceClock) => {
		const { tid, firstWorkNs, enqueuedNs, completedNs, evidence } = ledger;
		const sinceNs = Math.min(enqueuedBefore.get(tid) ?? 0, firstWorkNs, completedNs - (evidence?.spanNs ?? 0));
		enqueuedBefore.set(tid, enqueuedNs);
		const [fromNs, toNs] = [clock.absolute(sinceNs), clock.absolute(completedNs)];
		return gaps.some((gap) => gap.fromNs <= toNs && gap.toNs >= fromNs);
	};
	return { left: { header, records: left.subarray(0, used) }, isLossy };
}
