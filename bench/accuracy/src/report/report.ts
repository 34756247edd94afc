import type { Score } from '../score/score';
import { countWrongSteps } from '../score/wrong-steps';
import { counts, decimal, percent, table } from './table';

/** The scores of one recording, by classifier. */
export interface Result {
	readonly recording: string;
	readonly scores: ReadonlyMap<string, Score>;
	/** Of the default, by the share of time in which launches were watched. */
	readonly inSamples: ReadonlyMap<string, Score>;
}

/** Said steps that have a column of their own. */
const PHASES = ['prefill', 'decode', 'mixed', 'unknown', 'train'];
/** Whose causes and wrong steps are listed: the default. */
const LISTED = 'auto';

/** Every step that the default got wrong, one a line: where it is in its recording, what is wrong, and why. */
export function listWrongSteps({ recording, scores }: Result): string[] {
	const wrong = scores.get(LISTED)?.wrong ?? [];
	return wrong.map(({ kind, label, what, reason }) => {
		const { workload, pid, startNs, durationMs } = label;
		const place = `${workload} ${pid} at ${(startNs / 1e9).toFixed(6)} s, ${durationMs.toFixed(3)} ms`;
		return `${recording}: ${kind}: ${place}: ${what}: ${reason}`;
	});
}

/** All tables, as Markdown. */
export function report(results: readonly Result[]): string {
	return [
		'### Summary',
		summaryOfPhases(results),
		summaryOfOutliers(results),
		'### Guard mode',
		summaryOfGuardMode(results),
		...results.flatMap(({ recording, scores }) => [
			`### ${recording}`,
			phasesByWorkload(scores),
			confusionOfPhases(scores),
			...sectionsOf(scores.get(LISTED)),
		]),
	].join('\n\n');
}

function summaryOfPhases(results: readonly Result[]): string {
	const rows = perClassifier(results, ({ edges, phases }) => [
		percent(edges.oneToOne, edges.labels),
		percent(edges.matched, edges.steps),
		percent(phases.all.right, phases.all.total),
		phases.macroF1.toFixed(3),
		counts(phases.unknown.steps, phases.unknown.total),
	]);
	return table(['Recording', 'Classifier', 'Steps 1:1', 'Precision', 'Phase', 'Macro-F1', 'Unknown'], rows, 2);
}

function summaryOfOutliers(results: readonly Result[]): string {
	const rows = perClassifier(results, ({ outliers, causes }) => [
		counts(outliers.outliersFlagged, outliers.outliers),
		counts(outliers.falseAlarms, outliers.normal),
		counts(outliers.faultStepsFlagged, outliers.faultSteps),
		counts(outliers.delay.noticed, outliers.delay.faults),
		`${decimal(outliers.delay.medianSteps, 0)} steps, ${decimal(outliers.delay.medianMs, 0)} ms`,
		percent(causes.right, causes.steps),
		percent(causes.unknown, causes.steps),
	]);
	return table(
		[
			'Recording',
			'Classifier',
			'Outliers found',
			'False alarms',
			'Fault steps found',
			'Faults noticed',
			'Delay',
			'Cause right',
			'Cause unknown',
		],
		rows,
		2,
	);
}

function summaryOfGuardMode(results: readonly Result[]): string {
	const rows = results.flatMap(({ recording, inSamples }) =>
		[...inSamples].map(([share, { edges, phases, outliers }]) => [
			recording,
			share,
			percent(edges.oneToOne, edges.labels),
			percent(phases.all.right, phases.all.total),
			counts(outliers.outliersFlagged, outliers.outliers),
			counts(outliers.falseAlarms, outliers.normal),
			counts(outliers.faultStepsFlagged, outliers.faultSteps),
			counts(outliers.delay.noticed, outliers.delay.faults),
		]),
	);
	return table(
		[
			'Recording',
			'Launches watched',
			'Steps 1:1',
			'Phase',
			'Outliers found',
			'False alarms',
			'Fault steps found',
			'Faults noticed',
		],
		rows,
	);
}

function perClassifier(results: readonly Result[], cells: (score: Score) => string[]): string[][] {
	return results.flatMap(({ recording, scores }) =>
		[...scores].map(([classifier, score]) => [recording, classifier, ...cells(score)]),
	);
}

function phasesByWorkload(scores: Result['scores']): string {
	const classifiers = [...scores];
	const workloads = classifiers[0]?.[1].phases.byWorkload.keys() ?? [];
	const rows = [...workloads].map((workload) => {
		const shares = classifiers.map(([, { phases }]) => phases.byWorkload.get(workload) ?? { right: 0, total: 0 });
		return [workload, String(shares[0]?.total), ...shares.map(({ right, total }) => percent(right, total))];
	});
	return table(['Workload', 'Steps', ...scores.keys()], rows);
}

function confusionOfPhases(scores: Result['scores']): string {
	const rows = [...scores].flatMap(([classifier, { phases }]) =>
		[...phases.confusion].map(([truth, said]) => [truth, classifier, ...PHASES.map((phase) => cell(said.get(phase)))]),
	);
	return table(['Labelled', 'Classifier', ...PHASES], rows, 2);
}

/** What is listed of one classifier alone. */
function sectionsOf(score: Score | undefined): string[] {
	if (score === undefined) return [];
	return [...confusionOfCauses(score), ...tableOfWrongSteps(score)];
}

function confusionOfCauses({ causes }: Score): string[] {
	if (causes.confusion.size === 0) return [];
	const named = [...new Set([...causes.confusion.values()].flatMap((row) => [...row.keys()]))].sort();
	const rows = [...causes.confusion].map(([expected, row]) => [
		expected,
		...named.map((cause) => cell(row.get(cause))),
	]);
	return [table(['Cause, to be named', ...named], rows)];
}

function tableOfWrongSteps({ wrong }: Score): string[] {
	if (wrong.length === 0) return [];
	const rows = countWrongSteps(wrong).map(({ kind, workload, what, reason, count }) => [
		kind,
		workload,
		what,
		reason,
		String(count),
	]);
	return [table(['Wrong', 'Workload', 'What', 'Reason', 'Steps'], rows, 4)];
}

function cell(count: number | undefined): string {
	return count === undefined ? '' : String(count);
}
