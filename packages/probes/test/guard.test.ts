import { startServingLoop } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { describeKernel } from './helpers/kernel-suite';
import { Watch } from './helpers/watch';

const PREFILL_LAUNCHES = 30;
const DECODE_LAUNCHES = 8;
const STEPS = ['--prefill-launches', '30', '--decode-launches', '8', '--decode-us', '1500', '--prefill-us', '1500'];

describeKernel('guard mode', () => {
	it('tells every step, of those outside its samples without launches, of those inside with all of them', async () => {
		const loop = startServingLoop(['--loop', 'eager', '--seconds', '60', ...STEPS, '--wait-for-stdin']);
		try {
			await loop.hello;
			await using watch = new Watch({ pids: [loop.pid], guard: true });
			await watch.attached();
			expect(watch.session.level).toBe('guard');
			loop.start();
			// What a process does is learnt first; then come samples, and one for an outlier.
			const unseen = () => watch.ledgers.filter(({ launchesUnseen }) => launchesUnseen).length;
			await watch.until(() => unseen() > 200, 'steps outside the samples');
			const before = watch.ledgers.length;
			watch.session.outlier();
			await watch.until(() => watch.ledgers.slice(before).some(({ launchesUnseen }) => !launchesUnseen), 'a sample');
			await watch.until(() => watch.ledgers.at(-1)?.launchesUnseen === true, 'the end of the sample');
			const { labels, done } = await loop.stop();
			await watch.until(() => watch.exits.includes(loop.pid), 'the end of the loop');
			const losses = await watch.stop();

			expect(watch.ledgers.length).toBe(labels.length);
			watch.ledgers.forEach((ledger, step) => {
				const made = labels[step]?.phase === 'prefill' ? PREFILL_LAUNCHES : DECODE_LAUNCHES;
				if (!ledger.launchesUnseen) expect([step, ledger.launches]).toEqual([step, made]);
				else expect(ledger.launches).toBeLessThanOrEqual(made);
				expect(ledger.lossy).toBe(false);
			});
			const outside = watch.ledgers.filter(({ launchesUnseen }) => launchesUnseen);
			// But for those that ran while the probes were put on or taken off.
			expect(outside.filter(({ launches }) => launches === 0).length).toBeGreaterThan(outside.length / 2);
			for (const { hostToDeviceBytes, deviceToHostBytes } of outside) {
				expect(Math.min(hostToDeviceBytes, deviceToHostBytes)).toBeGreaterThan(0);
			}
			expect(losses.produced).toBeLessThan(done.total);
			expect(unexplained(losses)).toBe(0);
		} finally {
			loop.child.kill('SIGKILL');
		}
	});
});
