import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { paths } from '@ingero/fixture-cuda-standin';
import type { CompletedLedger } from '@ingero/steps';
import { expect, it } from 'vitest';
import { withoutEvidence } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { Watch } from './helpers/watch';

const PROGRAM = fileURLToPath(new URL('helpers/target/build/handover', import.meta.url));
const STEPS = 100;
/** Waits for work that is not read back, until they count as ends of steps. */
const WAITS_WITHOUT_READ_BACK = 64;

interface HandedOver {
	readonly ledgers: readonly CompletedLedger[];
	readonly rebuilt: readonly CompletedLedger[];
	/** For each step, when its result was ready, when the program had it, and when its step ended, on the host's clock. */
	readonly steps: readonly { readonly readyNs: number; readonly hadNs: number; readonly endNs: number }[];
}

/** Plays helpers/target/handover.c with probes on it. */
async function handOver(way: 'callback' | 'lock' | 'wait', expected: number = STEPS): Promise<HandedOver> {
	const program = spawn(PROGRAM, [way, String(STEPS), '1000'], {
		env: { ...process.env, LD_LIBRARY_PATH: paths.libDirectory },
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
	const read = async () => (await lines.next()).value as string;
	try {
		expect(await read()).toBe('hello');
		await using watch = new Watch({ pids: [program.pid as number], admission: 1 });
		await watch.attached();
		program.stdin.write('\n');
		await watch.until(() => watch.ledgers.length >= expected, 'the steps of the program');
		const marks: number[][] = [];
		for (let step = 0; step < STEPS; step++) marks.push((await read()).split(' ').map(Number));
		program.stdin.end('\n');
		await once(program, 'close');
		await watch.stop();
		const { ledgers, clock } = watch;
		const steps = marks.map(([readyNs, hadNs], place) => ({
			readyNs: readyNs as number,
			hadNs: hadNs as number,
			endNs: Number(clock.absolute(ledgers[place]?.completedNs ?? 0)),
		}));
		return { ledgers, rebuilt: rebuild(watch), steps };
	} finally {
		program.kill('SIGKILL');
	}
}

describeKernel('a result that reaches its program otherwise than by the return of a wait', () => {
	it('through a callback: when the thread that launched the work runs again', async () => {
		const { ledgers, rebuilt, steps } = await handOver('callback');
		expect(withoutEvidence(ledgers)).toEqual(withoutEvidence(rebuilt));
		expect(ledgers).toHaveLength(STEPS);
		for (const { endNs, hadNs } of steps) expect(endNs).toBeLessThanOrEqual(hadNs);
		// Unless it was kept from sleeping until the result had come.
		expect(steps.filter(({ endNs, readyNs }) => endNs >= readyNs).length).toBeGreaterThan(STEPS / 2);
		// It slept for most of the time: that was its wait.
		const [spanNs, waitNs] = (['spanNs', 'waitNs'] as const).map((name) =>
			ledgers.reduce((sum, { evidence }) => sum + (evidence?.[name] ?? 0), 0),
		);
		expect(waitNs).toBeGreaterThan(0.5 * (spanNs as number));
	});

	it('after a lock that another thread holds: when it has the lock', async () => {
		const { ledgers, rebuilt, steps } = await handOver('lock');
		expect(withoutEvidence(ledgers)).toEqual(withoutEvidence(rebuilt));
		expect(ledgers).toHaveLength(STEPS);
		for (const { endNs, hadNs } of steps) expect(endNs).toBeLessThanOrEqual(hadNs);
		const late = ledgers.filter((_, place) => (steps[place]?.endNs as number) > (steps[place]?.readyNs as number));
		// The lock is held at every fourth step, and not always long enough when the machine is busy.
		expect(late.length).toBeGreaterThan(0);
		expect(late.length).toBeLessThanOrEqual(STEPS / 4);
		for (const { evidence } of late) expect(evidence?.lockNs ?? 1).toBeGreaterThan(0);
	});

	it('never, because it reads nothing back: its waits end its steps, once that has shown', async () => {
		const expected = STEPS - WAITS_WITHOUT_READ_BACK;
		const { ledgers, rebuilt, steps } = await handOver('wait', expected);
		expect(withoutEvidence(ledgers)).toEqual(withoutEvidence(rebuilt));
		expect(ledgers.map(({ launches }) => launches)).toEqual(Array.from({ length: expected }, () => 1));
		expect(steps).toHaveLength(STEPS);
	});
});
