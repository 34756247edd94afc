import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type LabelLine, startServingLoop } from '@ingero/fixture-cuda-standin';

const INGERO = fileURLToPath(new URL('../../../bin/ingero.js', import.meta.url));

/** A printed step, with the time at which its line was read. */
export interface PrintedStep {
	readonly readAtNs: number;
	readonly end_ns: number;
	readonly step_duration_ns: number;
	readonly phase: string;
	readonly bucket: string | null;
	readonly threshold_ns: number | null;
}

/** One step of the loop by the loop's own clock, and what the agent printed of it. */
export interface ObservedStep {
	readonly label: LabelLine;
	readonly durationNs: number;
	readonly printed: readonly PrintedStep[];
}

/** Plays a loop under `ingero trace` and pairs the loop's labels with the printed steps. */
export async function observeLoop(args: readonly string[]): Promise<ObservedStep[]> {
	const loop = startServingLoop([...args, '--wait-for-stdin']);
	const { pid } = await loop.hello;
	const agent = spawn(
		process.execPath,
		[INGERO, 'trace', '--inference', '--emit', 'outliers,steps', '--record=false', '--pid', String(pid)],
		// A lock of its own: another agent may be at work on this machine.
		{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, INGERO_LOCK: `/tmp/ingero-observe-${pid}.lock` } },
	);
	const steps: PrintedStep[] = [];
	createInterface({ input: agent.stdout }).on('line', (line) => {
		const readAtNs = Number(process.hrtime.bigint());
		const message = JSON.parse(line);
		if (message.type === 'inference_step') steps.push({ readAtNs, ...message });
	});
	// The first thing it says is that the probes are on.
	await once(agent.stderr, 'data');
	const exited = once(agent, 'exit');
	loop.start();
	const { labels } = await loop.done;
	await new Promise((resolve) => setTimeout(resolve, 500));
	agent.kill('SIGINT');
	await exited;
	return pair(labels, steps);
}

/** Each printed step belongs to the label whose end is nearest to its own: the two ends are microseconds apart. */
function pair(labels: readonly LabelLine[], steps: readonly PrintedStep[]): ObservedStep[] {
	const printed = new Map<number, PrintedStep[]>();
	let nearest = 0;
	for (const step of [...steps].sort((a, b) => a.end_ns - b.end_ns)) {
		const distance = (i: number) => Math.abs((labels[i]?.t1 ?? Number.POSITIVE_INFINITY) - step.end_ns);
		while (distance(nearest + 1) <= distance(nearest)) nearest += 1;
		printed.set(nearest, [...(printed.get(nearest) ?? []), step]);
	}
	return labels.map((label, i) => ({ label, durationNs: label.t1 - label.t0, printed: printed.get(i) ?? [] }));
}

/** 95th percentile of the steps of a phase that were not made slow, by the loop's clock. */
export function loopP95Ns(observed: readonly ObservedStep[], phase: string): number {
	const durations = observed
		.filter(({ label }) => label.phase === phase && !label.slow)
		.map(({ durationNs }) => durationNs)
		.sort((a, b) => a - b);
	return durations[Math.floor(durations.length * 0.95)] ?? 0;
}
