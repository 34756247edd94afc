import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordings as shipped } from '@ingero/fixture-recordings';
import { type Labels, readLabels } from './labels';

/** A recording and the labels of its steps. */
export interface LabelledRecording {
	readonly name: string;
	readonly path: string;
	readonly labelsPath: string;
}

const EXTENSION = /\.igr(\.gz)?$/;

/** The labelled recordings of this repository. */
export function shippedRecordings(): LabelledRecording[] {
	return Object.entries(shipped).map(([name, { igr, labels }]) => ({ name, path: igr, labelsPath: labels }));
}

/** Every `NAME.igr` or `NAME.igr.gz` in a folder that has a `NAME.labels.json` beside it, by name. */
export function recordingsIn(folder: string): LabelledRecording[] {
	return readdirSync(folder)
		.filter((file) => EXTENSION.test(file))
		.sort()
		.map((file) => {
			const name = file.replace(EXTENSION, '');
			return { name, path: join(folder, file), labelsPath: join(folder, `${name}.labels.json`) };
		})
		.filter(({ labelsPath }) => existsSync(labelsPath));
}

export function labelsOf({ labelsPath }: LabelledRecording): Labels {
	return readLabels(JSON.parse(readFileSync(labelsPath, 'utf8')));
}
