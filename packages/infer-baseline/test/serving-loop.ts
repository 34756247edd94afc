import { type StepLedger, stepLedger } from '../src/index';

export const MS = 1e6;

/** A decode that replays no graph: ten launches, nothing copied. */
export const DECODE: Partial<StepLedger> = { launches: 10 };
export const PREFILL: Partial<StepLedger> = { launches: 250 };

/** A function sketch with marks at these places, 0..255. */
export function sketchOf(places: Iterable<number>): Uint32Array {
	const words = new Uint32Array(8);
	for (const place of places) words[place >> 5] = (words[place >> 5] as number) | (1 << (place & 31));
	return words;
}

/** A ledger of a decode, complete but for what the test cares about. */
export function ledger(fields: Partial<StepLedger> = {}): StepLedger {
	const completedNs = fields.completedNs ?? 0;
	return stepLedger({
		pid: 4242,
		tid: 4243,
		cgroupPathHash: 'e916b463d100201c',
		streamHandle: 0x7f3a5c001e80n,
		completedNs,
		firstWorkNs: completedNs,
		launches: 10,
		...fields,
	});
}

/** One thread that runs step after step; keeps the time. */
export class ServingLoop {
	nowNs = 1e9;

	constructor(readonly identity: Partial<StepLedger> = {}) {}

	/** @param gapNs pause before the step's first work; part of its duration */
	step(durationNs: number, fields: Partial<StepLedger> = {}, gapNs = 0): StepLedger {
		const firstWorkNs = this.nowNs + gapNs;
		this.nowNs += durationNs;
		return ledger({ ...this.identity, firstWorkNs, completedNs: this.nowNs, ...fields });
	}
}
