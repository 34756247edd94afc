import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServingLoop } from '@ingero/fixture-cuda-standin';
import { type LossLedger, unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { describeKernel } from './helpers/kernel-suite';

const AGENT = fileURLToPath(new URL('helpers/agent.mjs', import.meta.url));
/** Longer than the programs wait for a sign of life: INGERO_STALLED_NS in bpf. */
const STOPPED_MS = 2500;
const STEP = ['--decode-us', '1000', '--prefill-us', '1000', '--prefill-launches', '20'];

interface Seen {
	readonly losses: LossLedger;
	readonly launches: readonly number[];
	readonly longestGapNs: number;
	readonly eventsBefore: number;
	readonly eventsAfter: number;
}

describeKernel('an agent that is stopped for a while', () => {
	it('gets no raw events meanwhile, which is counted, and every ledger; then all is as before', async () => {
		const loop = startServingLoop(['--loop', 'eager', '--seconds', '60', ...STEP, '--wait-for-stdin']);
		await loop.hello;
		const agent = spawn(process.execPath, [AGENT, String(loop.pid)], { stdio: ['pipe', 'pipe', 'inherit'] });
		try {
			const lines = createInterface(agent.stdout)[Symbol.asyncIterator]();
			expect((await lines.next()).value).toBe('ready');
			loop.start();
			await pause(300);
			agent.kill('SIGSTOP');
			await pause(STOPPED_MS);
			agent.kill('SIGCONT');
			await pause(500);
			const { labels, done } = await loop.stop();
			agent.stdin.write('\n');
			const { value: answer = '' } = await lines.next();
			const { losses, launches, longestGapNs, eventsBefore, eventsAfter }: Seen = JSON.parse(answer);

			expect(losses.produced).toBe(done.total);
			expect(unexplained(losses)).toBe(0);
			expect(losses.dropped.agent_stalled).toBeGreaterThan(0);
			expect(losses.dropped.ring_full).toBe(0);
			expect(losses.delivered + (losses.dropped.agent_stalled ?? 0)).toBe(losses.produced);
			// All that was left out lies in one stretch, with events on both sides.
			expect(longestGapNs).toBeGreaterThan(100e6);
			expect(Math.min(eventsBefore, eventsAfter)).toBeGreaterThan(500);

			expect(launches.length).toBe(labels.length);
			const made = (done.calls.cuLaunchKernel ?? 0) + (done.calls.cuLaunchKernelEx ?? 0);
			expect(launches.reduce((sum, count) => sum + count, 0)).toBe(made);
			expect(losses.ledgers.dropped.ledger_ring_full).toBe(0);
		} finally {
			agent.kill('SIGKILL');
			loop.child.kill('SIGKILL');
		}
	});
});
