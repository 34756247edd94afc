import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CLASSIFIERS, defaultClassifier } from './classifiers/classifiers';
import { type LabelledRecording, labelsOf, recordingsIn, shippedRecordings } from './labels/recordings';
import { guarded, SAMPLES } from './replay/guarded';
import { judge } from './replay/judge';
import { replay } from './replay/replayed';
import { replaceBetweenMarkers } from './report/document';
import { listWrongSteps, type Result, report } from './report/report';
import { score } from './score/score';

const DOCUMENT = fileURLToPath(new URL('../../../docs/accuracy.md', import.meta.url));
const USAGE = `npm run bench:accuracy [-- [--write|--list] [FOLDER...]]

Scores the steps, phases, outliers and causes of every labelled recording of this repository, and of every FOLDER that holds
NAME.igr.gz with NAME.labels.json. --write puts the tables into docs/accuracy.md; --list prints in their place every step that
is wrong by the default classifier, and why.`;

try {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { write: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
	});
	if (values.help) console.log(USAGE);
	else if (values.list)
		for (const recording of chosen(positionals)) console.log(listWrongSteps(resultOf(recording)).join('\n'));
	else run(positionals, values.write ?? false);
} catch (error) {
	console.error(`bench:accuracy: ${(error as Error).message}`);
	process.exitCode = 2;
}

function run(folders: readonly string[], write: boolean): void {
	const tables = report(chosen(folders).map(resultOf));
	console.log(tables);
	if (write) writeFileSync(DOCUMENT, replaceBetweenMarkers(readFileSync(DOCUMENT, 'utf8'), tables));
}

function chosen(folders: readonly string[]): LabelledRecording[] {
	return [...shippedRecordings(), ...folders.flatMap(found)];
}

function found(folder: string): LabelledRecording[] {
	const recordings = recordingsIn(folder);
	if (recordings.length === 0) throw new Error(`${folder}: no NAME.igr.gz with a NAME.labels.json in it`);
	return recordings;
}

function resultOf(recording: LabelledRecording): Result {
	const labels = labelsOf(recording);
	const replayed = replay(recording.path);
	const scores = new Map(
		Object.entries(CLASSIFIERS).map(([name, make]) => [name, score(labels, judge(replayed, make()))]),
	);
	const inSamples = new Map(
		Object.entries(SAMPLES).map(([share, samples]) => [
			share,
			score(labels, judge(guarded(replayed, samples), defaultClassifier())),
		]),
	);
	return { recording: recording.name, scores, inSamples };
}
