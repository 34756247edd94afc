import { type Fault, type Label, type Labels, WARM_UP } from '../labels/labels';
import { expectedCause } from './causes';
import { groupBy } from './count';
import type { Comparison } from './expectation';
import { isOneToOne, type Match } from './match';
import { isAlarm, isFaultStep, isFlagged, isNormal, isOutlier } from './outliers';
import { isRightPhase, LEARNING_STEPS } from './phases';

/** A process needs this long to come back to normal after a fault. */
const AFTERMATH_NS = 1e9;

/** A label that came out wrong in one way; it may have others. */
export interface WrongStep {
	readonly kind: 'edge' | 'phase' | 'missed' | 'false alarm' | 'cause';
	readonly label: Label;
	readonly what: string;
	readonly reason: string;
}

/** Labels of one workload that came out wrong in one way for one reason. */
export interface WrongSteps extends Pick<WrongStep, 'kind' | 'what' | 'reason'> {
	readonly workload: string;
	readonly count: number;
}

/** Every label that came out wrong, kind by kind. */
export function wrongSteps(labels: Labels, matches: readonly Match[], comparisons: readonly Comparison[]): WrongStep[] {
	return [
		...matches.filter((match) => !isOneToOne(match)).map(wrongEdge),
		...wrongPhases(matches),
		...comparisons.flatMap(missed),
		...comparisons.flatMap((comparison) => falseAlarm(comparison, labels.faults)),
		...comparisons.flatMap(wrongCause),
	];
}

/** Those of a kind together, the most frequent of each kind first. */
export function countWrongSteps(wrong: readonly WrongStep[]): WrongSteps[] {
	const groups = groupBy(wrong, ({ kind, label, what, reason }) => [kind, label.workload, what, reason].join('\0'));
	const counted = [...groups.values()].map((group) => {
		const { kind, label, what, reason } = group[0] as WrongStep;
		return { kind, workload: label.workload, what, reason, count: group.length };
	});
	const kinds = [...new Set(wrong.map(({ kind }) => kind))];
	return counted.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || b.count - a.count);
}

function wrongEdge({ label, count }: Match): WrongStep {
	const reason = count === 0 ? 'no step ended in its time' : `${count} steps ended in its time`;
	return { kind: 'edge', label, what: label.phase, reason };
}

function wrongPhases(matches: readonly Match[]): WrongStep[] {
	const seen = new Map<string, number>();
	const wrong: WrongStep[] = [];
	for (const { label, step, count } of matches) {
		if (label.workload === WARM_UP || step === undefined) continue;
		const place = (seen.get(label.workload) ?? 0) + 1;
		seen.set(label.workload, place);
		if (isRightPhase(label, step.phase)) continue;
		const decidedBy = step.phaseEvidence === undefined ? 'decided by its rules' : `decided by: ${step.phaseEvidence}`;
		wrong.push({
			kind: 'phase',
			label,
			what: `${label.phase} called ${step.phase}`,
			reason:
				count > 1
					? 'several steps in its time'
					: place <= LEARNING_STEPS
						? `among the first ${LEARNING_STEPS} of its workload`
						: decidedBy,
		});
	}
	return wrong;
}

function missed(comparison: Comparison): WrongStep[] {
	const isMissed = (isOutlier(comparison) || isFaultStep(comparison)) && !isFlagged(comparison);
	if (!isMissed) return [];
	const { label, step } = comparison;
	const nearly = step.ratio === null ? 'not compared' : `its ratio was ${step.ratio < 1 ? 'below 1' : '1 to 1.5'}`;
	const what = `${label.phase}${faultOf(label)}`;
	const reason = isRightPhase(label, step.phase) ? nearly : `called ${step.phase}, ${nearly}`;
	return [{ kind: 'missed', label, what, reason }];
}

function falseAlarm(comparison: Comparison, faults: readonly Fault[]): WrongStep[] {
	if (!isNormal(comparison) || !isAlarm(comparison)) return [];
	const { label, step } = comparison;
	const follows = faults.some(
		({ pid, startNs, endNs }) =>
			(pid ?? label.pid) === label.pid && startNs < label.endNs && label.startNs - endNs < AFTERMATH_NS,
	);
	const stepMs = (step.endNs - step.startNs) / 1e6;
	let reason = 'its label is in order';
	if (!isRightPhase(label, step.phase)) reason = `called ${step.phase}`;
	else if (stepMs > 1.5 * label.durationMs) reason = 'the step began before its label';
	else if (follows) reason = 'in or within 1 s of a fault';
	return [{ kind: 'false alarm', label, what: `${label.phase} ${step.bucket}`, reason }];
}

function wrongCause(comparison: Comparison): WrongStep[] {
	const expected = expectedCause(comparison);
	const { label, step } = comparison;
	if (expected === undefined || step.cause === expected) return [];
	const reason = `called ${step.cause ?? 'nothing'}`;
	return [{ kind: 'cause', label, what: expected, reason }];
}

function faultOf({ faults, peerFaults }: Label): string {
	if (faults.length > 0) return ` under ${[...new Set(faults)].join(' and ')}`;
	return peerFaults.length > 0 ? ` beside a rank under ${[...new Set(peerFaults)].join(' and ')}` : '';
}
