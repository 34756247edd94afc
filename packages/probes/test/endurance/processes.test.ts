import { setTimeout as sleep } from 'node:timers/promises';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { dumpOwnMap, openFileCount, ownKernelObjects, stillInKernel } from '../helpers/kernel-objects';
import { describeKernel } from '../helpers/kernel-suite';
import { Watch } from '../helpers/watch';
import { Endurance, enduranceSuite } from './program';

const LONG = process.env.INGERO_LONG === '1';
const PROCESSES = LONG ? 5000 : 300;
/** Times that a process is stopped for probes to come. */
const STOPS = LONG ? 5 : 3;
/** The kernel frees what nobody holds any more a moment later. */
const FREED = { timeout: 10_000 };
/** Calls of a process of the crowd that uses CUDA. */
const CALLS = 4;

describeKernel('processes that come and go', () => {
	const suite = enduranceSuite();

	it(`are all accounted for, ${PROCESSES} of them, and nothing of them stays`, async () => {
		const library = suite.copyOfLibrary();
		const filesBefore = openFileCount();
		const watch = new Watch({ libraries: [library], admission: 1 });
		await watch.until(() => watch.session.libraries.length > 0, 'probes on the library');
		const filesThen = openFileCount();
		const crowd = new Endurance('crowd', library, String(PROCESSES), '20');
		expect(await crowd.ended).toEqual([0, null]);
		const { usingCuda } = crowd.done as { usingCuda: number };

		const own = () => watch.ledgers.filter(({ launches }) => launches === 2);
		await watch.until(() => own().length >= usingCuda, 'the steps of all');
		const pids = new Set(own().map(({ pid }) => pid));
		await watch.until(() => [...pids].every((pid) => watch.exits.includes(pid)), 'the ends of all');
		expect(pids.size).toBe(usingCuda);
		// Where the kernel keeps something by process: nothing of these.
		for (const map of ['processes', 'recorded_events']) {
			const kept = dumpOwnMap(map).filter(({ key }) => pids.has(Buffer.from(key, 'hex').readUInt32LE(0)));
			expect(kept).toEqual([]);
		}
		// Files of libraries that others on this machine use may have come.
		expect(openFileCount()).toBeLessThan(filesThen + 10);
		const held = ownKernelObjects();
		const losses = await watch.stop();
		expect(unexplained(losses)).toBe(0);
		expect(losses.produced).toBeGreaterThanOrEqual(usingCuda * CALLS);
		expect(losses.dropped).toMatchObject({ no_thread_state: 0, in_flight: 0, nesting_overflow: 0 });
		await expect.poll(() => stillInKernel(held), FREED).toEqual([]);
		expect(openFileCount()).toBe(filesBefore);
	});

	it('that fork while they are probed are seen apart, and so is what a child becomes', async () => {
		const library = suite.copyOfLibrary();
		const family = new Endurance('family', library);
		await using watch = new Watch({ libraries: [library], events: false });
		await watch.attached(library);
		family.child.stdin.write('\n');
		expect(await family.ended).toEqual([0, null]);
		const { child } = family.done as { child: number };
		await watch.until(() => watch.exits.includes(family.pid), 'the end of the parent');
		await watch.stop();
		const launches = (pid: number) =>
			watch.ledgers.filter((ledger) => ledger.pid === pid).map((ledger) => ledger.launches);
		expect(launches(family.pid)).toEqual([1, 4, 5]);
		expect(launches(child)).toEqual([2, 3]);
		// What it was, and what it became.
		expect(watch.exits.filter((pid) => pid === child).length).toBe(2);
	});

	it('that are stopped when probes come and go run on as if they had not been', async () => {
		const library = suite.copyOfLibrary();
		const program = new Endurance('speed', library, '2');
		await program.begun();
		await sleep(50);
		for (let round = 0; round < STOPS; round++) {
			program.child.kill('SIGSTOP');
			await using watch = new Watch({ pids: [program.pid], events: false });
			await watch.attached(library);
			program.child.kill('SIGCONT');
			await watch.until(() => watch.session.losses().produced > 0, 'calls');
			program.child.kill('SIGSTOP');
			await watch.stop();
			program.child.kill('SIGCONT');
			await sleep(20);
		}
		program.child.kill('SIGTERM');
		expect(await program.ended).toEqual([0, null]);
		expect(program.done).toMatchObject({ wrongResults: 0, wrongRegisters: 0 });
	});
});
