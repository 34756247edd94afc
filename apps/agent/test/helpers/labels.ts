import { readFileSync } from 'node:fs';
import { recordings } from '@ingero/fixture-recordings';
import type { Message } from './messages';
import type { RecordingName } from './recordings';

/** A step as the recorded workload saw it, in ns on the recording's clock. */
interface Label {
	readonly pid: number;
	readonly workload: string;
	readonly phase: string;
	readonly startNs: number;
	readonly endNs: number;
}

/** How well printed steps agree with the labels. */
export interface Agreement {
	readonly labels: number;
	/** Share of the labels that exactly one printed step belongs to. */
	readonly oneToOne: number;
	/** Share of the printed steps, while the workload ran, that belong to a label. */
	readonly precision: number;
}

/** A step may be printed as ending this much after the workload had its result. */
const LATE_NS = 200_000;

/** A printed step belongs to the label of its process within which it ends. */
export function agreement(name: RecordingName, steps: readonly Message[]): Agreement {
	const labels = readLabels(name);
	const begin = Math.min(...labels.map(({ startNs }) => startNs));
	const end = Math.max(...labels.map(({ endNs }) => endNs)) + LATE_NS;
	const ends = new Map<number, number[]>(labels.map(({ pid }) => [pid, []]));
	for (const step of steps) ends.get(Number(step.pid))?.push(Number(step.end_ns));
	const inside = [...ends.values()].flat().filter((ns) => ns >= begin && ns <= end).length;
	const counts = labels.map(
		({ pid, startNs, endNs }) => (ends.get(pid) ?? []).filter((ns) => ns >= startNs && ns <= endNs + LATE_NS).length,
	);
	const fitting = counts.filter((count, i) => count >= 1 && count <= allowed(labels[i] as Label));
	return {
		labels: labels.length,
		oneToOne: fitting.length / labels.length,
		precision: counts.reduce((sum, count) => sum + count, 0) / inside,
	};
}

/** The script of the graph workload reads back twice in its prefills. */
function allowed({ workload, phase }: Label): number {
	return workload === 'graph' && phase === 'prefill' ? 2 : 1;
}

/** When something was done to slow the recorded processes down, in ns on the recording's clock. */
export function faultsOf(name: string): readonly { readonly startNs: number; readonly endNs: number }[] {
	return readFile(name).faults.map(({ t0, t1 }) => ({ startNs: t0, endNs: t1 }));
}

interface LabelsFile {
	readonly pid?: number;
	readonly steps: readonly { pid?: number; w: string; phase: string; t0: number; t1: number }[];
	readonly faults: readonly { t0: number; t1: number }[];
}

function readFile(name: string): LabelsFile {
	const { labels } = recordings[name] as { labels: string };
	return JSON.parse(readFileSync(labels, 'utf8'));
}

function readLabels(name: RecordingName): Label[] {
	const file = readFile(name);
	return file.steps.map(({ pid = file.pid, w, phase, t0, t1 }) => ({
		pid: pid as number,
		workload: w,
		phase,
		startNs: t0,
		endNs: t1,
	}));
}
