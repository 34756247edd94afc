import { BpfObject } from '@ingero/bpf-loader-native';
import { paths } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { attachLibrary, planSites } from '../src/attach/library-probes';
import { KernelState, lossesOf } from '../src/kernel-state';
import { objectFile } from '../src/object-file';
import { ownKernelObjects } from './helpers/kernel-objects';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { OBJECT_DIRECTORY } from './helpers/watch';

/** Calls of probed functions that the target's `every` makes. */
const CALLS_OF_EVERY = 4 * (10 + 14 + 13) + 10;

// What kernels before 6.6 get: one perf event a site instead of one link a program.
describeKernel('probes through perf events', () => {
	it.each([
		{ whose: 'one process', limited: true },
		{ whose: 'every process', limited: false },
	])('of $whose see each call once, with its return, and go', async ({ limited }) => {
		await using target = await Target.start(paths.libcuda);
		const before = ownKernelObjects();
		using object = BpfObject.open(objectFile(OBJECT_DIRECTORY), { name: 'ingero' });
		object.load();
		const state = new KernelState(object);
		state.setTargets([target.pid]);
		const pid = limited ? { pid: target.pid } : {};
		const probes = attachLibrary(object, paths.libcuda, { multi: false, memory: false, ...pid });
		await target.ask('every');
		await target.ask('threads 2');
		probes.detach();
		await target.ask('step 5');

		const counters = state.counters();
		expect(counters.callsProduced).toBe(CALLS_OF_EVERY + 2 * 3);
		expect(counters.callsTimedReturned).toBe(counters.callsTimedEntered);
		expect(counters.callsTimedEntered).toBeGreaterThan(20);
		expect(counters.callsUnreadArguments).toBe(0);
		expect(unexplained(lossesOf(counters, counters.callsDelivered, 0))).toBe(0);
		expect(probes.symbols).toEqual(planSites(paths.libcuda).symbols);
		object.close();
		expect(ownKernelObjects()).toEqual(before);
	});
});
