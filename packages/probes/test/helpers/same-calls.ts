import { expect } from 'vitest';
import type { CallEvent } from './call-event';
import { expectedArguments, UNTOLD } from './expected-arguments';
import { plainName, type TracedCall } from './trace';

/** Holds a run's events against the stand-in's own account of it, thread by thread, in order. */
export function expectSameCalls(events: readonly CallEvent[], trace: readonly TracedCall[]): void {
	const tids = new Set(trace.map(({ tid }) => tid));
	expect(new Set(events.map(({ tid }) => tid))).toEqual(tids);
	for (const tid of tids) {
		const made = trace.filter((call) => call.tid === tid);
		const seen = events.filter((event) => event.tid === tid);
		expect(seen.map(({ name }) => name)).toEqual(made.map((call) => plainName(call.function)));
		for (const [i, call] of made.entries()) expectSameCall(seen[i] as CallEvent, call);
	}
}

function expectSameCall(event: CallEvent, call: TracedCall): void {
	const expected = expectedArguments(call).map((value, place) => (value === UNTOLD ? event.args[place] : value));
	expect([call.function, ...event.args]).toEqual([call.function, ...expected]);
	// The probe is in the first instructions; the trace is written after them. A timed call is stamped when it ends.
	const enteredNs = event.tNs - BigInt(event.durationNs);
	expect(enteredNs).toBeLessThanOrEqual(call.ns);
	if (event.durationNs > 0) expect(event.tNs).toBeGreaterThanOrEqual(call.returned?.ns ?? call.ns);
}
