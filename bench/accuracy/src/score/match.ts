import type { Label, Labels } from '../labels/labels';
import type { JudgedStep } from '../replay/judge';

/** A step may reach the host this long after its label's end. */
const SLACK_NS = 200_000;

/** A label and the steps that ended in its time. */
export interface Match {
	readonly label: Label;
	readonly count: number;
	/** The longest of them. */
	readonly step: JudgedStep | undefined;
}

/** How well the edges of steps were found. */
export interface EdgeScore {
	readonly labels: number;
	/** Labels in whose time exactly one step ended. */
	readonly oneToOne: number;
	/** Steps that ended in the time of a label. */
	readonly matched: number;
	/** Steps of the labelled processes between the first label and the last. */
	readonly steps: number;
}

/** @param steps of one recording; those of processes without labels are left out */
export function matchLabels(
	{ pids, labels }: Labels,
	steps: readonly JudgedStep[],
): { matches: Match[]; edges: EdgeScore } {
	const byPid = new Map(
		pids.map((pid) => [pid, steps.filter((step) => step.pid === pid).sort((a, b) => a.endNs - b.endNs)]),
	);
	const matches = labels.map((label): Match => {
		const own = byPid.get(label.pid) ?? [];
		const found = own.slice(firstFrom(own, label.startNs), firstAfter(own, label.endNs + SLACK_NS));
		return { label, count: found.length, step: longest(found) };
	});
	const firstNs = labels.reduce((first, { startNs }) => Math.min(first, startNs), Number.POSITIVE_INFINITY);
	const lastNs = labels.reduce((last, { endNs }) => Math.max(last, endNs), Number.NEGATIVE_INFINITY);
	return {
		matches,
		edges: {
			labels: labels.length,
			oneToOne: matches.filter(isOneToOne).length,
			matched: sum(matches.map(({ count }) => count)),
			steps: sum([...byPid.values()].map((own) => firstAfter(own, lastNs + SLACK_NS) - firstFrom(own, firstNs))),
		},
	};
}

/** The script of the `graph` workload reads back twice in a prefill: two steps are right there. */
export function isOneToOne({ label, count }: Match): boolean {
	return count === 1 || (count === 2 && label.workload === 'graph' && label.phase === 'prefill');
}

function longest(steps: readonly JudgedStep[]): JudgedStep | undefined {
	const duration = (step: JudgedStep) => step.endNs - step.startNs;
	return steps.reduce<JudgedStep | undefined>(
		(most, step) => (most === undefined || duration(step) > duration(most) ? step : most),
		undefined,
	);
}

/** Place of the first step that ended at `ns` or later. */
function firstFrom(steps: readonly JudgedStep[], ns: number): number {
	let low = 0;
	let high = steps.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((steps[middle] as JudgedStep).endNs < ns) low = middle + 1;
		else high = middle;
	}
	return low;
}

function firstAfter(steps: readonly JudgedStep[], ns: number): number {
	return firstFrom(steps, ns + 1);
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
