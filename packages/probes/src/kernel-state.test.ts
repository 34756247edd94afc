import { unexplained } from '@ingero/steps';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTER_NAMES, type KernelCounters } from './decode/layout';
import { lossesOf } from './kernel-state';

const none = (): KernelCounters => Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as KernelCounters;

/** What may become of a call, by the counters that the programs raise. */
const FATES = {
	delivered: ['callsProduced', 'callsDelivered'],
	sampledOut: ['callsProduced', 'callsSampledOut'],
	ringFull: ['callsProduced', 'callsRingFull'],
	noThreadState: ['callsProduced', 'callsNoThreadState'],
	nestingOverflow: ['callsProduced', 'callsNestingOverflow'],
	timedDelivered: ['callsProduced', 'callsTimedEntered', 'callsTimedReturned', 'callsDelivered'],
	timedSampledOut: ['callsProduced', 'callsTimedEntered', 'callsTimedReturned', 'callsSampledOut'],
	timedRingFull: ['callsProduced', 'callsTimedEntered', 'callsTimedReturned', 'callsRingFull'],
	agentStalled: ['callsProduced', 'callsAgentStalled'],
	inFlight: ['callsProduced', 'callsTimedEntered'],
} as const satisfies Record<string, readonly (keyof KernelCounters)[]>;
type Fate = keyof typeof FATES;

describe('lossesOf', () => {
	it('explains every call, whatever became of it', () => {
		const fates = fc.array(fc.constantFrom(...(Object.keys(FATES) as Fate[])), { maxLength: 300 });
		fc.assert(
			fc.property(fates, (calls) => {
				const counters = none();
				for (const fate of calls) for (const counter of FATES[fate]) counters[counter] += 1;
				const times = (...names: Fate[]) => calls.filter((fate) => names.includes(fate)).length;
				const losses = lossesOf(counters, counters.callsDelivered, 0);
				expect(unexplained(losses)).toBe(0);
				expect(losses.produced).toBe(calls.length);
				expect(losses.sampledOut).toBe(times('sampledOut', 'timedSampledOut'));
				expect(losses.dropped).toEqual({
					ring_full: times('ringFull', 'timedRingFull'),
					no_thread_state: times('noThreadState'),
					nesting_overflow: times('nestingOverflow'),
					agent_stalled: times('agentStalled'),
					in_flight: times('inFlight'),
				});
			}),
		);
	});

	it('leaves unexplained what is in the ring still, and what the ring lost', () => {
		const counters = { ...none(), callsProduced: 10, callsDelivered: 10 };
		expect(unexplained(lossesOf(counters, 7, 0))).toBe(3);
	});

	it('counts ledgers and the edges between them together, apart from calls', () => {
		const counters = {
			...none(),
			ledgersDelivered: 3,
			edgesDelivered: 4,
			ledgersRingFull: 5,
			edgesRingFull: 6,
			ledgersNoSlot: 7,
			callsUnreadArguments: 8,
		};
		const losses = lossesOf(counters, 0, 2);
		expect(losses.ledgers.delivered).toBe(7);
		expect(losses.ledgers.dropped).toMatchObject({
			ledger_ring_full: 11,
			no_ledger_slot: 7,
			unread_arguments: 8,
			late: 2,
		});
		expect(unexplained(losses)).toBe(0);
	});
});
