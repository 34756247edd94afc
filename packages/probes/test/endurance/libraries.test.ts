import { expect, it } from 'vitest';
import { openFileCount, ownKernelObjects, stillInKernel } from '../helpers/kernel-objects';
import { describeKernel } from '../helpers/kernel-suite';
import { Watch } from '../helpers/watch';
import { Endurance, enduranceSuite } from './program';

const COPIES = process.env.INGERO_LONG === '1' ? 20 : 8;
/** The kernel frees what nobody holds any more a moment later. */
const FREED = { timeout: 10_000 };

describeKernel('a process that loads one copy of the library after the other', () => {
	const suite = enduranceSuite();

	it('is seen in each, and nothing of them stays', async () => {
		const program = new Endurance('churn');
		await program.begun();
		const filesBefore = openFileCount();
		const watch = new Watch({ pids: [program.pid], events: false });
		const copies = Array.from({ length: COPIES }, (_, i) => suite.copyOfLibrary(`${i}/libcuda.so.1`));
		for (const [i, copy] of copies.entries()) {
			await program.ask(`open ${copy}`);
			await watch.attached(copy);
			await program.ask(`step ${i + 1}`);
			// The next one is as big, and often lies at the same addresses.
			await program.ask('close');
		}
		// All of them at once, and once more each: they have kept their probes.
		for (const copy of copies) await program.ask(`open ${copy}`);
		await program.ask('step 100');
		const held = ownKernelObjects();
		const losses = await watch.stop();
		expect(watch.ledgers.map(({ launches }) => launches)).toEqual([...copies.map((_, i) => i + 1), 100]);
		expect(losses.produced).toBe((COPIES * (COPIES + 1)) / 2 + 100 + 2 * (COPIES + 1));
		expect(watch.news.filter(({ type }) => type === 'failed')).toEqual([]);
		expect(held.filter(({ kind }) => kind === 'link').length).toBeGreaterThan(COPIES);
		await expect.poll(() => stillInKernel(held), FREED).toEqual([]);
		expect(openFileCount()).toBe(filesBefore);
		program.child.stdin.end();
		expect(await program.ended).toEqual([0, null]);
	});
});
