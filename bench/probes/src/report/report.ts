import type { CallCosts } from '../calls/calls';
import type { LoopCost } from '../calls/loop';
import type { PieceCost } from '../calls/pieces';
import type { SiteCost } from '../calls/sites';
import type { DetachTime } from '../detach/detach';
import { describeMachine, type Machine } from '../machine';
import type { RateResult } from '../rates/rates';
import { table } from './table';

/** All that one run measured; parts that were not asked for are missing. */
export interface Measured {
	readonly machine: Machine;
	readonly calls?: CallCosts;
	readonly sites?: readonly SiteCost[];
	readonly pieces?: readonly PieceCost[];
	readonly loop?: readonly LoopCost[];
	readonly detach?: readonly DetachTime[];
	readonly rates?: readonly RateResult[];
}

/** What was measured as text, with Markdown tables. */
export function report({ machine, calls, sites, pieces, loop, detach, rates }: Measured): string {
	const parts = [describeMachine(machine)];
	if (calls !== undefined) {
		parts.push(
			`Cost of the probes of one call, without the call's own. One empty entry probe, the floor: ${ns(calls.floorBestNs)} ns (best decile), ${ns(calls.floorMedianNs)} ns (median).`,
			table(
				['Call', 'Probes', 'Hits', 'ns, best decile', 'ns, median', 'x floor, best decile', 'x floor, median'],
				calls.costs.map((cost) => [
					cost.title,
					cost.probing,
					String(cost.hits),
					ns(cost.bestNs),
					ns(cost.medianNs),
					ratio(cost.bestRatio),
					ratio(cost.medianRatio),
				]),
				2,
			),
		);
	}
	if (sites !== undefined) {
		parts.push(
			'An empty probe by the instruction that it sits on.',
			table(
				['Site', 'ns, best decile', 'ns, median'],
				sites.map(({ site, bestNs, medianNs }) => [site, ns(bestNs), ns(medianNs)]),
			),
		);
	}
	if (pieces !== undefined) {
		parts.push(
			'What programs are made of, each done once.',
			table(
				['Piece', 'ns, best decile', 'ns, median'],
				pieces.map(({ piece, bestNs, medianNs }) => [piece, bestNs.toFixed(1), medianNs.toFixed(1)]),
			),
		);
	}
	if (loop !== undefined) {
		parts.push(
			'A loop bound by its launches, each with 4.5 us of work.',
			table(
				['Probes', 'ns a turn, best decile', 'ns, median', 'x unprobed, best decile', 'x unprobed, median'],
				loop.map((cost) => [
					cost.probing,
					ns(cost.bestNs),
					ns(cost.medianNs),
					ratio(cost.bestRatio),
					ratio(cost.medianRatio),
				]),
			),
		);
	}
	if (detach !== undefined) {
		parts.push(
			'How long detaching takes.',
			table(
				['What', 'ms, best decile', 'ms, median'],
				detach.map(({ what, bestMs, medianMs }) => [what, bestMs.toFixed(0), medianMs.toFixed(0)]),
			),
		);
	}
	if (rates !== undefined) {
		parts.push(
			'What the agent takes to read, in its own process.',
			table(
				['Records', 'Lost', 's', 'Asked a second', 'Delivered a second', '% of one processor', 'Unexplained'],
				rates.map((rate) => [
					rate.what,
					lost(rate.dropped),
					rate.seconds.toFixed(0),
					ns(rate.askedPerSecond),
					ns(rate.deliveredPerSecond),
					(rate.cpuShare * 100).toFixed(1),
					String(rate.unexplained),
				]),
				2,
			),
		);
	}
	return parts.join('\n\n');
}

function ns(value: number): string {
	return value.toFixed(0);
}

function ratio(value: number): string {
	return value.toFixed(2);
}

function lost(dropped: Readonly<Record<string, number>>): string {
	const reasons = Object.entries(dropped).map(([reason, count]) => `${reason} ${count}`);
	return reasons.length === 0 ? 'nothing' : reasons.join(', ');
}
