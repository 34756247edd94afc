import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { PINNED_NODE, pnpmFolder, ROOT } from './paths.mjs';

/** Oldest Node that the packages run on (`engines` of the root package.json). */
const MINIMUM_NODE = [22, 18];

/** The environment of everything the set-up starts: pinned Node, pnpm and the workspace's tools before the system's. */
export function toolEnvironment(extra = {}) {
	const folders = [
		existsSync(PINNED_NODE) ? dirname(PINNED_NODE) : undefined,
		pnpmFolder(),
		join(ROOT, 'node_modules', '.bin'),
	];
	return {
		...process.env,
		PATH: [...folders.filter((folder) => folder !== undefined), process.env.PATH].join(delimiter),
		// Nobody answers questions here, and nothing is reported to anybody.
		TURBO_TELEMETRY_DISABLED: '1',
		TURBO_NO_UPDATE_NOTIFIER: '1',
		DO_NOT_TRACK: '1',
		// Tools take the pipe between turbo and them for no reason to leave colours out.
		...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
		...extra,
	};
}

/** @returns why the workspace can't run on the Node at hand, or `undefined` where it can */
export function nodeObstacle() {
	if (existsSync(PINNED_NODE)) return undefined;
	const [major, minor] = process.versions.node.split('.').map(Number);
	if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return undefined;
	return `Node ${MINIMUM_NODE.join('.')} or newer is needed on ${process.platform}-${process.arch}, and this is ${process.versions.node}.`;
}
