import { eventFates } from '@ingero/contract/enums';

/** What became of everything one hop has seen; cumulative. Fits the loss ledger of the step stage as it is. */
export interface LossTally {
	readonly delivered: number;
	/** Left out on purpose. */
	readonly sampledOut?: number | undefined;
	/** Cause, from the contract's vocabulary, to count. */
	readonly dropped: Readonly<Record<string, number>>;
}

/** One row of the `losses` table. */
export interface LossRow {
	readonly hop: string;
	readonly item: string;
	readonly fate: string;
	readonly count: number;
}

export function lossRows(hop: string, item: string, { delivered, sampledOut, dropped }: LossTally): LossRow[] {
	return [
		{ hop, item, fate: eventFates.delivered.name, count: delivered },
		...(sampledOut === undefined ? [] : [{ hop, item, fate: eventFates.sampledOut.name, count: sampledOut }]),
		...Object.entries(dropped).map(([fate, count]) => ({ hop, item, fate, count })),
	];
}
