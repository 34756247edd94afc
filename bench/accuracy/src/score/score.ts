import type { Labels } from '../labels/labels';
import type { JudgedStep } from '../replay/judge';
import { type CauseScore, scoreCauses } from './causes';
import { compareDurations } from './expectation';
import { type EdgeScore, matchLabels } from './match';
import { type OutlierScore, scoreOutliers } from './outliers';
import { type PhaseScore, scorePhases } from './phases';
import { type WrongStep, wrongSteps } from './wrong-steps';

/** How well the steps of one recording were told, by its labels. */
export interface Score {
	readonly edges: EdgeScore;
	readonly phases: PhaseScore;
	readonly outliers: OutlierScore;
	readonly causes: CauseScore;
	readonly wrong: readonly WrongStep[];
}

/** Compares what the agent would have reported with the labels; docs/accuracy.md has the definitions. */
export function score(labels: Labels, steps: readonly JudgedStep[]): Score {
	const { matches, edges } = matchLabels(labels, steps);
	const comparisons = compareDurations(labels.labels, matches);
	return {
		edges,
		phases: scorePhases(matches),
		outliers: scoreOutliers(comparisons, labels.faults),
		causes: scoreCauses(comparisons),
		wrong: wrongSteps(labels, matches, comparisons),
	};
}
