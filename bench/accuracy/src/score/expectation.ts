import { type Label, WARM_UP } from '../labels/labels';
import type { JudgedStep } from '../replay/judge';
import { groupBy, median } from './count';
import type { Match } from './match';

const FEWEST_LIKE_IT = 3;

/** A labelled step that was compared with a baseline, beside what labels of its kind take. */
export interface Comparison {
	readonly label: Label;
	readonly step: JudgedStep;
	/** The label's duration over the median of those like it that no fault touched. */
	readonly ratio: number;
	/** At least 1.5 times the 95th percentile of those like it: more than their own spread. */
	readonly isSlow: boolean;
}

/** Leaves out warm-ups, steps that were not found or not compared, and labels with fewer than three like them. */
export function compareDurations(labels: readonly Label[], matches: readonly Match[]): Comparison[] {
	const groups = faultFreeGroups(labels);
	const comparisons: Comparison[] = [];
	for (const { label, step } of matches) {
		if (label.workload === WARM_UP || step === undefined || !step.warmed) continue;
		const usual = (groups.get(groupOf(label)) ?? [])
			.filter((other) => doesLikeWork(label, other))
			.map(({ durationMs }) => durationMs);
		if (usual.length < FEWEST_LIKE_IT) continue;
		const p95Ms = usual[Math.min(usual.length - 1, Math.trunc(usual.length * 0.95))] as number;
		comparisons.push({
			label,
			step,
			ratio: label.durationMs / median(usual),
			isSlow: label.durationMs >= 1.5 * p95Ms,
		});
	}
	return comparisons;
}

/** By workload, phase and batch; each from the shortest to the longest. */
function faultFreeGroups(labels: readonly Label[]): Map<string, Label[]> {
	const quiet = labels.filter(({ faults, peerFaults }) => faults.length === 0 && peerFaults.length === 0);
	return groupBy(
		quiet.toSorted((a, b) => a.durationMs - b.durationMs),
		groupOf,
	);
}

function groupOf({ workload, phase, batch }: Label): string {
	return `${workload} ${phase} ${batch}`;
}

/** A prefill's duration follows from its prompt, or from its tokens where the label has them. */
function doesLikeWork(label: Label, other: Label): boolean {
	const { phase, prompt, tokens } = label;
	if (phase === 'decode' || phase === 'train' || (prompt === undefined && tokens === undefined)) return true;
	return isWithin(other.tokens, tokens, 0.8, 1.25) || isWithin(other.prompt, prompt, 0.66, 1.5);
}

function isWithin(value: number | undefined, reference: number | undefined, low: number, high: number): boolean {
	if (value === undefined || reference === undefined) return false;
	return value / reference > low && value / reference < high;
}
