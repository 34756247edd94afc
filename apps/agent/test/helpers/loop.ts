import { once } from 'node:events';
import { type LabelLine, type ServingLoop, startServingLoop } from '@ingero/fixture-cuda-standin';
import { afterEach, expect } from 'vitest';
import { RunningIngero } from './run-ingero';

const started = new Set<ServingLoop>();
afterEach(() => {
	for (const { child } of started) child.kill('SIGKILL');
	started.clear();
});

/** Decode steps of a request, after its one prefill. */
const DECODES = 40;
/** Short steps, so that a test has many of them. */
const QUICK = ['--decode-us', '1000', '--prefill-us', '3000'];

/** A serving loop that waits for `start()`, and is killed when the test is over. */
export async function waitingLoop(...args: readonly string[]): Promise<ServingLoop> {
	const loop = startServingLoop([...QUICK, ...args, '--wait-for-stdin']);
	started.add(loop);
	await loop.hello;
	return loop;
}

/** A session that has put its probes on. */
export async function tracing(...args: readonly string[]): Promise<RunningIngero> {
	const run = new RunningIngero(['trace', '--inference', '--record=false', ...args]);
	await run.until('stderr', (text) => text.includes('functions probed'));
	return run;
}

/** Waits until `run` has printed so many steps of a process. */
export function printedSteps(run: RunningIngero, { pid }: { pid: number }, steps: number): Promise<void> {
	const beginning = `{"type":"inference_step","pid":${pid},`;
	return run.until('stdout', (text) => text.slice(0, text.lastIndexOf('\n') + 1).split(beginning).length > steps);
}

/** Expects a loop to have run to its end as if nobody had looked. */
export async function expectUnharmed(loop: ServingLoop, steps: number): Promise<void> {
	const exited = loop.child.exitCode === null ? once(loop.child, 'exit') : undefined;
	const { labels, done } = await loop.done;
	await exited;
	expect([loop.child.exitCode, loop.child.signalCode]).toEqual([0, null]);
	expect(done.steps).toBe(steps);
	expect(labels.map(({ step, phase }) => `${step} ${phase}`)).toEqual(
		Array.from({ length: steps }, (_, i) => `${i} ${i % (DECODES + 1) === 0 ? 'prefill' : 'decode'}`),
	);
	expect(labels.every(follows)).toBe(true);
}

function follows({ t0, t1 }: LabelLine, i: number, labels: readonly LabelLine[]): boolean {
	return t0 < t1 && (i === 0 || t0 >= (labels[i - 1] as LabelLine).t1);
}
