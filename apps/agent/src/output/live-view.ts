import { basename } from 'node:path';
import { styleText } from 'node:util';
import type { Explanation } from '@ingero/causes';
import type { SummaryMessage } from '@ingero/contract/messages';
import type { BaselineShift, InferenceEngine, StepVerdict, WorkloadSnapshot } from '@ingero/infer-baseline';
import { formatCount, formatDuration, formatTable } from './format';
import { describeKvCache } from './kv-cache';
import type { OpenedSource, SessionOutput } from './session-output';

const COLOURS = { '1.5x': 'yellow', '2x': 'magenta', '3x': 'red' } as const;
const MAX_ROWS = 12;
/** Without a terminal the table cannot be drawn in place: it is printed this often, in ticks of a second. */
const PLAIN_TABLE_TICKS = 5;
/** Outliers shown a second; the table counts them all. */
const MAX_OUTLIER_LINES_PER_TICK = 8;

/** A readable view: outliers and new baselines as they come, a table of workloads that is redrawn below them. */
export class LiveView implements SessionOutput {
	readonly #stream: NodeJS.WriteStream;
	readonly #engine: InferenceEngine;
	readonly #nameOf: (pid: number) => string;
	readonly #limits: () => readonly string[];
	#source: OpenedSource | undefined;
	readonly #ended: WorkloadSnapshot[] = [];
	#drawnLines = 0;
	#ticks = 0;
	#shownThisTick = 0;
	#hiddenThisTick = 0;

	constructor(options: {
		readonly stream: NodeJS.WriteStream;
		readonly engine: InferenceEngine;
		/** Name of a process, for people. */
		readonly nameOf: (pid: number) => string;
		/** What this session does not see, or at what cost; one sentence each. */
		readonly limits: () => readonly string[];
	}) {
		this.#stream = options.stream;
		this.#engine = options.engine;
		this.#nameOf = options.nameOf;
		this.#limits = options.limits;
	}

	opened(source: OpenedSource): void {
		this.#source = source;
	}

	step(step: StepVerdict, explanation?: Explanation): void {
		if (step.shift !== undefined) this.note(this.#shiftLine(step, step.shift));
		if (step.bucket === null) return;
		if (this.#shownThisTick === MAX_OUTLIER_LINES_PER_TICK) {
			this.#hiddenThisTick += 1;
			return;
		}
		this.#shownThisTick += 1;
		this.#erase();
		this.#print(this.#outlierLine(step, step.bucket, explanation));
		if (this.#stream.isTTY) this.#drawTable();
	}

	/** The last of an ended process stays in the table. */
	processExited(pid: number): void {
		this.#ended.push(...this.#engine.workloads().filter((workload) => workload.pid === pid));
		this.#ended.splice(0, this.#ended.length - MAX_ROWS);
	}

	/** A line of news that stays on the screen. */
	note(text: string): void {
		this.#erase();
		this.#print(text);
		if (this.#stream.isTTY) this.#drawTable();
	}

	tick(): void {
		this.#ticks += 1;
		this.#tellHidden();
		this.#shownThisTick = 0;
		if (this.#stream.isTTY) {
			this.#erase();
			this.#drawTable();
		} else if (this.#ticks % PLAIN_TABLE_TICKS === 0) {
			this.#drawTable();
		}
	}

	close(summary: SummaryMessage): void {
		this.#tellHidden();
		this.#erase();
		this.#drawTable();
		this.#drawnLines = 0;
		const { events } = summary;
		const lost = Object.entries(events.dropped).filter(([, count]) => Number(count) > 0);
		this.#print('');
		this.#print(
			`calls seen ${formatCount(Number(events.produced))}: ${formatCount(Number(events.delivered))} kept as raw events, ` +
				`${formatCount(Number(events.sampled_out))} counted in ledgers only, ` +
				(lost.length === 0 ? 'none lost' : `lost ${lost.map(([cause, count]) => `${count} ${cause}`).join(', ')}`),
		);
		for (const sentence of this.#limits()) this.#print(this.#dim(sentence));
	}

	#tellHidden(): void {
		if (this.#hiddenThisTick > 0) this.note(this.#dim(`… and ${formatCount(this.#hiddenThisTick)} more slow steps`));
		this.#hiddenThisTick = 0;
	}

	#outlierLine(step: StepVerdict, bucket: keyof typeof COLOURS, explanation: Explanation | undefined): string {
		const label = styleText(COLOURS[bucket], `${bucket.padStart(4)} slow ${step.phase || 'step'}`, {
			stream: this.#stream,
		});
		return (
			`${this.#when(step)} ${label}  ${formatDuration(step.durationNs)}, ` +
			`${step.ratio?.toFixed(1)} times the p95 of ${formatDuration(step.thresholdNs ?? 0)}` +
			(explanation === undefined ? '' : `: ${describeCause(explanation)}`) +
			describeKvCache(step.outlier?.kvCache) +
			this.#who(step)
		);
	}

	#shiftLine(step: StepVerdict, { reason, fromP95Ns, toP95Ns }: BaselineShift): string {
		const label = styleText('cyan', `     new ${step.phase || 'step'} baseline`, { stream: this.#stream });
		const levels = `p95 ${formatDuration(fromP95Ns)} is now ${formatDuration(toP95Ns)}`;
		return `${this.#when(step)} ${label}  ${levels} (${reason})${this.#who(step)}`;
	}

	#when(step: StepVerdict): string {
		const wallNs = (this.#source as OpenedSource).clock.wall(step.endNs);
		return wallNs === undefined
			? `+${(step.endNs / 1e9).toFixed(3)}s`
			: new Date(Number(wallNs / 1_000_000n)).toISOString().slice(11, 23);
	}

	#who({ pid }: StepVerdict): string {
		return this.#dim(`  ${this.#nameOf(pid)} ${pid}`);
	}

	#drawTable(): void {
		const workloads = [...this.#engine.workloads(), ...this.#ended].sort((a, b) => b.samples - a.samples);
		const lines =
			workloads.length === 0
				? ['waiting for the first step …']
				: formatTable(
						['PROCESS', 'PID', 'STREAM', 'PHASE', 'STEPS', 'MEAN', 'P95', '1.5x', '2x', '3x'],
						workloads.slice(0, MAX_ROWS).map((workload) => this.#row(workload)),
					);
		if (workloads.length > MAX_ROWS) lines.push(`… and ${workloads.length - MAX_ROWS} more workloads`);
		this.#print('');
		// A line that wraps would be two to erase.
		const width = this.#stream.isTTY ? this.#stream.columns || undefined : undefined;
		for (const line of lines) this.#print(line.slice(0, width));
		this.#drawnLines = this.#stream.isTTY ? lines.length + 1 : 0;
	}

	#row(workload: WorkloadSnapshot): string[] {
		const stream = workload.streamHandle;
		return [
			this.#nameOf(workload.pid),
			String(workload.pid),
			stream === 0n ? 'default' : `0x${stream.toString(16)}`,
			workload.phase || '-',
			formatCount(workload.histogram.counts.reduce((sum, count) => sum + count, 0)),
			workload.meanNs === null ? '' : formatDuration(workload.meanNs),
			workload.warmed && workload.p95Ns !== null ? formatDuration(workload.p95Ns) : 'learning',
			...(['1.5x', '2x', '3x'] as const).map((bucket) => String(workload.outliers[bucket])),
		];
	}

	#erase(): void {
		if (this.#drawnLines === 0) return;
		this.#stream.write(`\u001b[${this.#drawnLines}A\u001b[J`);
		this.#drawnLines = 0;
	}

	#print(line: string): void {
		this.#stream.write(`${line}\n`);
	}

	#dim(text: string): string {
		return styleText('dim', text, { stream: this.#stream });
	}
}

/** Short name of a program from its command line. */
export function processName(cmdline: readonly string[]): string {
	const [program = '?', script] = cmdline;
	const name = basename(program);
	return /^(python|node)[\d.]*$/.test(name) && script !== undefined && !script.startsWith('-')
		? basename(script)
		: name;
}

/** `lock_wait 7.1 ms of 9.8 ms` */
function describeCause({ cause, excessMs }: Explanation): string {
	return `${cause.name} ${formatDuration(cause.explainedMs * 1e6)} of ${formatDuration(excessMs * 1e6)}`;
}
