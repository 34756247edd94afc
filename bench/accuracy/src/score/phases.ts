import { type Label, WARM_UP } from '../labels/labels';
import { type Confusion, confusionOf, groupBy } from './count';
import type { Match } from './match';

/** Steps of a workload after which a phase is expected. */
export const LEARNING_STEPS = 20;

/** Counts of what was right. */
export interface Share {
	readonly right: number;
	readonly total: number;
}

export interface PhaseScore {
	readonly all: Share;
	readonly byWorkload: ReadonlyMap<string, Share>;
	/** Truth → what was said → steps. What is allowed counts as the truth. */
	readonly confusion: Confusion;
	/** Mean of the F1 of prefill and of decode, 0 to 1. */
	readonly macroF1: number;
	/** Steps without a phase, of those that have one and are not among the first 20 of their workload. */
	readonly unknown: { readonly steps: number; readonly total: number };
}

/** The phase of one step that was found. */
interface Said {
	readonly label: Label;
	readonly said: string;
	readonly right: boolean;
}

/** Scores the phases of the steps that were found; warm-ups have none. */
export function scorePhases(matches: readonly Match[]): PhaseScore {
	const all = matches.flatMap(({ label, step }): Said[] =>
		step === undefined || label.workload === WARM_UP
			? []
			: [{ label, said: step.phase, right: isRightPhase(label, step.phase) }],
	);
	const byWorkload = groupBy(all, ({ label }) => label.workload);
	const learnt = [...byWorkload.values()]
		.flatMap((steps) => steps.slice(LEARNING_STEPS))
		.filter(({ label }) => label.phase !== 'train');
	const confusion = confusionOf(
		all.map(({ label, said, right }) => {
			const truth = label.phase === 'mixed' ? 'prefill' : label.phase;
			return { truth, said: right ? truth : said };
		}),
	);
	return {
		all: shareOf(all),
		byWorkload: new Map([...byWorkload].map(([workload, steps]) => [workload, shareOf(steps)])),
		confusion,
		macroF1: (f1(confusion, 'prefill') + f1(confusion, 'decode')) / 2,
		unknown: { steps: learnt.filter(({ said }) => said === 'unknown').length, total: learnt.length },
	};
}

/** `mixed` will do for a prefill among decodes, and training has no phase. */
export function isRightPhase({ workload, phase }: Label, said: string): boolean {
	const isMixing =
		phase === 'mixed' || (phase === 'prefill' && (workload === 'contbatch' || workload.startsWith('vllm')));
	if (isMixing) return said === 'prefill' || said === 'mixed';
	if (phase === 'train') return said === 'unknown' || said === 'mixed';
	return said === phase;
}

function shareOf(steps: readonly Said[]): Share {
	return { right: steps.filter(({ right }) => right).length, total: steps.length };
}

function f1(confusion: Confusion, phase: string): number {
	let right = 0;
	let wrong = 0;
	for (const [truth, row] of confusion) {
		for (const [said, steps] of row) {
			if (truth === phase && said === phase) right += steps;
			else if (truth === phase || said === phase) wrong += steps;
		}
	}
	return right === 0 ? 0 : (2 * right) / (2 * right + wrong);
}
