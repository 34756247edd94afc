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
	const byLabel = new Map(
		pids.flatMap((pid) => {
			const own = labels.filter((label) => label.pid === pid);
			return matchProcess(own, byPid.get(pid) ?? []).map((match) => [match.label, match] as const);
		}),
	);
	const matches = labels.flatMap((label) => byLabel.get(label) ?? []);
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

/**
 * Each step belongs to one label. Where the next label begins within the slack, what ended before that is this one's;
 * and if nothing did, the first step after it, that the next one then cannot have.
 */
function matchProcess(labels: readonly Label[], steps: readonly JudgedStep[]): Match[] {
	const inOrder = labels.toSorted((a, b) => a.startNs - b.startNs);
	let free = 0;
	return inOrder.map((label, at) => {
		const from = Math.max(free, firstFrom(steps, label.startNs));
		const late = firstAfter(steps, label.endNs + SLACK_NS);
		const next = inOrder[at + 1]?.startNs ?? Number.POSITIVE_INFINITY;
		const inTime = Math.min(late, firstFrom(steps, Math.max(next, label.endNs)));
		const found = steps.slice(from, inTime > from ? inTime : Math.min(late, from + 1));
		free = from + found.length;
		return { label, count: found.length, step: longest(found) };
	});
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
