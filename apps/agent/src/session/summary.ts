import { CONTRACT_VERSION } from '@ingero/contract';
import { lossCauses, outlierBuckets, phases, stepDiscardReasons } from '@ingero/contract/enums';
import { type SummaryMessage, summary } from '@ingero/contract/messages';
import type { EngineCounters } from '@ingero/infer-baseline';
import type { LossLedger } from '@ingero/steps';
import type { AllocationCounters } from './allocation-feed';

/** Facts of a session that only the session knows. */
export interface SessionFacts {
	readonly source: 'live' | 'replay';
	readonly startNs: bigint | null;
	readonly endNs: bigint | null;
	readonly processes: number;
	readonly workloads: number;
}

/** The last line of a session: what it saw, and the loss ledger. */
export function summaryMessage(
	facts: SessionFacts,
	counters: EngineCounters,
	losses: LossLedger,
	outputLosses: Readonly<Record<string, number>>,
	allocations: AllocationCounters | undefined,
	probing: SummaryMessage['probing'],
): SummaryMessage {
	return {
		type: summary.type,
		contract_version: CONTRACT_VERSION,
		source: facts.source,
		start_ns: facts.startNs,
		end_ns: facts.endNs,
		processes: facts.processes,
		workloads: facts.workloads,
		steps: pick(phases, (phase) => counters.steps[phase] + (phase === 'unknown' ? counters.steps[''] : 0)),
		outliers: pick(outlierBuckets, (bucket) => counters.outliers[bucket]),
		steps_discarded: {
			[stepDiscardReasons.first.name]: counters.first,
			[stepDiscardReasons.backwards.name]: counters.backwards + counters.nonPositive,
			[stepDiscardReasons.tooLong.name]: counters.tooLong,
			[stepDiscardReasons.empty.name]: counters.empty,
			[stepDiscardReasons.idleResume.name]: counters.idleResumes,
			[stepDiscardReasons.tainted.name]: counters.tainted,
		} as SummaryMessage['steps_discarded'],
		events: {
			produced: losses.produced,
			delivered: losses.delivered,
			sampled_out: losses.sampledOut,
			dropped: byCause(losses.dropped),
		},
		ledgers: { delivered: losses.ledgers.delivered, dropped: byCause(losses.ledgers.dropped) },
		outputs: { dropped: byCause(outputLosses) },
		...(probing === undefined ? {} : { probing }),
		...(allocations === undefined ? {} : { device_allocations: deviceAllocations(allocations) }),
	};
}

function deviceAllocations(counters: AllocationCounters): NonNullable<SummaryMessage['device_allocations']> {
	const { allocated, freed, replaced, overflowed, forgotten, live, failed, unended, unknownFrees } = counters;
	return {
		allocated,
		freed,
		replaced,
		overflowed,
		forgotten,
		live,
		refused: failed,
		unended,
		unknown_frees: unknownFrees,
	};
}

function byCause(counts: Readonly<Record<string, number>>): SummaryMessage['events']['dropped'] {
	const names = Object.values(lossCauses).map(({ name }) => name);
	return pick(names, (name) => counts[name] ?? 0);
}

function pick<K extends string>(keys: readonly K[], count: (key: K) => number): Record<K, number> {
	return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<K, number>;
}
