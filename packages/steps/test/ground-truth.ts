import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordings } from '@ingero/fixture-recordings';
import { RecordingDecoder, type RecordingHeader } from '@ingero/recording';
import { type CompletedLedger, EventPipeline, OperationTable, SourceClock } from '../src/index';

/** The workload notes a result a little later, or a little earlier, than it reaches the host. */
const LABEL_SLACK_NS = 200_000;

/** A step as the workload wrote it down. Times are ns since a boot that was days before: exact as numbers. */
export interface Label {
	readonly w: string;
	readonly phase: string;
	readonly pid: number;
	readonly t0: number;
	readonly t1: number;
	/** Of engines that schedule ahead: while its work was enqueued. */
	readonly enqueue?: Interval;
}

/** From and to. */
export type Interval = readonly [number, number];

export interface Step extends CompletedLedger {
	/** On the recording's clock. */
	readonly endNs: number;
}

export interface Replayed {
	readonly steps: readonly Step[];
	readonly records: number;
	readonly cutBytes: number;
	readonly counters: EventPipeline['counters'] | undefined;
}

/** Runs a whole recording through the pipeline, as if it knew nothing of the `unseen` operations. */
export function replayRecording(name: string, unseen: readonly string[] = []): Replayed {
	const steps: Step[] = [];
	let pipeline: EventPipeline | undefined;
	const open = ({ operations }: RecordingHeader, words: Uint32Array): EventPipeline => {
		const firstNs = (BigInt(words[1] as number) << 32n) | BigInt(words[0] as number);
		const clock = new SourceClock(firstNs - 1n);
		return new EventPipeline({
			table: new OperationTable(new Map([...operations].filter(([, operation]) => !unseen.includes(operation.name)))),
			clock,
			onCompleted: (ledger) => steps.push({ ...ledger, endNs: Number(clock.absolute(ledger.completedNs)) }),
		});
	};
	const decoder = new RecordingDecoder({
		onHeader: () => {},
		onRecords: (words, count) => {
			pipeline ??= open(decoder.header as RecordingHeader, words);
			pipeline.push(words, count);
		},
	});
	decoder.push(gunzipSync(readFileSync(pathsOf(name).igr)));
	const { records, cutBytes } = decoder.end();
	pipeline?.end();
	return { steps, records, cutBytes, counters: pipeline?.counters };
}

export function readLabels(name: string): Label[] {
	const { pid, processes, steps } = JSON.parse(readFileSync(pathsOf(name).labels, 'utf8')) as {
		pid?: number;
		processes?: { pid: number }[];
		steps: (Omit<Label, 'pid'> & { pid?: number })[];
	};
	const first = (processes?.[0]?.pid ?? pid) as number;
	return steps.map((label) => ({ ...label, pid: label.pid ?? first }));
}

/** The steps that ended while a label was under way. */
export function stepsOf({ pid, t0, t1 }: Label, steps: readonly Step[]): Step[] {
	return steps.filter((step) => step.pid === pid && t0 <= step.endNs && step.endNs <= t1 + LABEL_SLACK_NS);
}

/**
 * As the recordings are scored: the share of labels with exactly one step, and the share of steps that have a label
 * among those between the first label and the last.
 */
export function score(labels: readonly Label[], steps: readonly Step[]): { oneToOne: number; precision: number } {
	let oneToOne = 0;
	let matched = 0;
	for (const label of labels) {
		const found = stepsOf(label, steps).length;
		matched += found;
		// The graph workload's prefills read back twice.
		const most = label.w === 'graph' && label.phase === 'prefill' ? 2 : 1;
		if (found >= 1 && found <= most) oneToOne += 1;
	}
	const t0 = Math.min(...labels.map((label) => label.t0));
	const t1 = Math.max(...labels.map((label) => label.t1));
	const pids = new Set(labels.map(({ pid }) => pid));
	const inside = [...pids].flatMap((pid) => stepsOf({ w: '', phase: '', pid, t0, t1 }, steps)).length;
	return { oneToOne: oneToOne / labels.length, precision: matched / inside };
}

function pathsOf(name: string): { readonly igr: string; readonly labels: string } {
	const paths = recordings[name];
	if (paths === undefined) throw new Error(`no recording ${name}`);
	return paths;
}
