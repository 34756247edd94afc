import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordings } from '@ingero/fixture-recordings';
import { RecordingDecoder, type RecordingHeader } from '@ingero/recording';
import { type CompletedLedger, EventPipeline, OperationTable, SourceClock } from '@ingero/steps';
import { CauseAnalyzer } from '../src/index';

/** A fault makes a step slow from here on, relative to the median of its like and to their 95th percentile. */
const SLOW = { timesMedian: 1.6, timesP95: 1.5 };
/** A workload notes a result a little later than it reaches the host. */
const LABEL_SLACK_NS = 200_000;
const WANTED: Readonly<Record<string, string>> = {
	cpu: 'cpu_contention',
	gil: 'lock_wait',
	gpu: 'gpu_contention',
	copy: 'copy_interference',
	alloc: 'memory_pressure',
};

/** A step as the workload wrote it down. */
interface Label {
	readonly w: string;
	readonly phase: string;
	readonly pid: number;
	readonly t0: number;
	readonly t1: number;
	readonly batch?: number;
	readonly prompt?: number;
	readonly tokens?: number;
	/** Kinds of the faults under way, and of those that a peer suffered. */
	readonly own: readonly string[];
	readonly peers: readonly string[];
}

export interface Tally {
	readonly count: number;
	readonly right: number;
	readonly unknown: number;
	/** `wanted → said` and how often. */
	readonly confusion: Readonly<Record<string, number>>;
}

/**
 * Explains every step that a label calls slow, and counts those in exactly one kind of injected fault. What is slow is
 * taken from the labels, so that the figure says how causes are told apart and nothing about baselines.
 */
export function tally(name: string): Tally {
	const labels = readLabels(name);
	const analyzer = new CauseAnalyzer();
	const previous = new Map<number, number>();
	const counted = new Set<Label>();
	const confusion: Record<string, number> = {};
	let right = 0;
	let unknown = 0;
	for (const { ledger, endNs } of completedSteps(name)) {
		const startNs = previous.get(ledger.tid) ?? ledger.firstWorkNs;
		previous.set(ledger.tid, ledger.completedNs);
		const durationNs = ledger.completedNs - startNs;
		const label = labels.findLast(
			({ pid, t0, t1 }) => pid === ledger.pid && t0 <= endNs && endNs <= t1 + LABEL_SLACK_NS,
		);
		const usual = label === undefined ? undefined : usualDuration(label, labels);
		const longest = label === undefined ? 0 : Math.max(durationNs, label.t1 - label.t0);
		const slow = usual !== undefined && longest >= SLOW.timesMedian * usual.medianNs;
		const explanation = analyzer.observe(
			{ ...ledger, phase: label?.phase ?? '', endNs: ledger.completedNs, durationNs },
			slow,
		);
		if (label === undefined || !slow || counted.has(label)) continue;
		if (label.t1 - label.t0 < SLOW.timesP95 * usual.p95Ns || label.w === 'warmup') continue;
		const wanted = wantedCause(label);
		if (wanted === undefined) continue;
		counted.add(label);
		const said = explanation?.cause.name ?? 'unknown';
		if (said === wanted) right += 1;
		if (said === 'unknown') unknown += 1;
		confusion[`${wanted} → ${said}`] = (confusion[`${wanted} → ${said}`] ?? 0) + 1;
	}
	return { count: counted.size, right, unknown, confusion };
}

function wantedCause({ own, peers }: Label): string | undefined {
	const kinds = new Set(own.length > 0 ? own : peers);
	const [kind] = kinds;
	if (kind === undefined || kinds.size > 1) return undefined;
	return own.length === 0 ? 'peer_wait' : (WANTED[kind] ?? 'host_delay');
}

const memo = new Map<Label, { medianNs: number; p95Ns: number } | undefined>();

/** Of the labels of its kind without a fault; undefined for fewer than three. */
function usualDuration(label: Label, labels: readonly Label[]): { medianNs: number; p95Ns: number } | undefined {
	if (memo.has(label)) return memo.get(label);
	const near = (a: number | undefined, b: number | undefined, low: number, high: number) =>
		a !== undefined && b !== undefined && b / a > low && b / a < high;
	const isLike = (other: Label) =>
		label.phase === 'decode' ||
		label.phase === 'train' ||
		(label.prompt === undefined && label.tokens === undefined) ||
		near(label.tokens, other.tokens, 0.8, 1.25) ||
		near(label.prompt, other.prompt, 0.66, 1.5);
	const durations = labels
		.filter(
			(other) =>
				other.w === label.w &&
				other.phase === label.phase &&
				other.batch === label.batch &&
				other.own.length + other.peers.length === 0 &&
				isLike(other),
		)
		.map(({ t0, t1 }) => t1 - t0)
		.sort((a, b) => a - b);
	const at = (fraction: number) => durations[Math.min(durations.length - 1, Math.floor(durations.length * fraction))];
	const usual = durations.length < 3 ? undefined : { medianNs: at(0.5) as number, p95Ns: at(0.95) as number };
	memo.set(label, usual);
	return usual;
}

function readLabels(name: string): Label[] {
	const file = JSON.parse(readFileSync(recordings[name]?.labels as string, 'utf8')) as {
		pid?: number;
		processes?: { pid: number }[];
		steps: (Omit<Label, 'pid' | 'own' | 'peers'> & { pid?: number })[];
		faults: { kind: string; pid?: number; t0: number; t1: number }[];
	};
	const first = (file.processes?.[0]?.pid ?? file.pid) as number;
	return file.steps.map((step) => {
		const pid = step.pid ?? first;
		const during = file.faults.filter(({ t0, t1 }) => t0 < step.t1 && t1 > step.t0);
		return {
			...step,
			pid,
			own: during.filter((fault) => (fault.pid ?? pid) === pid).map(({ kind }) => kind),
			peers: during.filter((fault) => (fault.pid ?? pid) !== pid).map(({ kind }) => kind),
		};
	});
}

/** Steps in order of completion; `endNs` is on the recording's clock, days after boot and exact as a number. */
function completedSteps(name: string): { ledger: CompletedLedger; endNs: number }[] {
	const steps: { ledger: CompletedLedger; endNs: number }[] = [];
	let pipeline: EventPipeline | undefined;
	const open = ({ operations }: RecordingHeader, words: Uint32Array): EventPipeline => {
		const firstNs = (BigInt(words[1] as number) << 32n) | BigInt(words[0] as number);
		const clock = new SourceClock(firstNs - 1n);
		return new EventPipeline({
			table: new OperationTable(operations),
			clock,
			onCompleted: (ledger) => steps.push({ ledger, endNs: Number(clock.absolute(ledger.completedNs)) }),
		});
	};
	const decoder = new RecordingDecoder({
		onHeader: () => {},
		onRecords: (words, count) => {
			pipeline ??= open(decoder.header as RecordingHeader, words);
			pipeline.push(words, count);
		},
	});
	decoder.push(gunzipSync(readFileSync(recordings[name]?.igr as string)));
	decoder.end();
	pipeline?.end();
	return steps;
}
