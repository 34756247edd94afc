import { BpfObject } from '@ingero/bpf-loader-native';
import { paths } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { attachLibrary, planSites } from '../src/attach/library-probes';
import { probedFunctions } from '../src/functions';
import { KernelState, lossesOf } from '../src/kernel-state';
import { objectFile } from '../src/object-file';
import { ownKernelObjects } from './helpers/kernel-objects';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { plainName, withTrace } from './helpers/trace';
import { OBJECT_DIRECTORY } from './helpers/watch';

/** One function of each program and kind: the kernel takes tens of milliseconds to take off a single probe. */
const FUNCTIONS = probedFunctions().filter(
	({ program, kind }, i, all) => all.findIndex((other) => other.program === program && other.kind === kind) === i,
);
const PROBED = new Set(FUNCTIONS.map(({ name }) => name));

// What kernels before 6.6 get: one perf event a site instead of one link a program.
describeKernel('probes through perf events', () => {
	it.each([
		{ whose: 'one process', limited: true },
		{ whose: 'every process', limited: false },
	])('of $whose see each call once, with its return, and go', async ({ limited }) => {
		const before = ownKernelObjects();
		using object = BpfObject.open(objectFile(OBJECT_DIRECTORY), { name: 'ingero' });
		object.load();
		const state = new KernelState(object);
		const { result: goneNs, trace } = await withTrace(async (file) => {
			await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
			state.setTargets([target.pid]);
			const pid = limited ? { pid: target.pid } : {};
			const chosen = { multi: false, functions: FUNCTIONS, allowStepped: true, ...pid };
			const probes = attachLibrary(object, paths.libcuda, chosen);
			await target.ask('every');
			await target.ask('threads 2');
			probes.detach();
			const detachedNs = process.hrtime.bigint();
			await target.ask('every');
			expect(probes.symbols).toEqual(planSites(paths.libcuda, FUNCTIONS, chosen).symbols);
			return detachedNs;
		});

		const counters = state.counters();
		const made = trace.filter((call) => PROBED.has(plainName(call.function)) && call.ns < goneNs);
		expect(counters.callsProduced).toBe(made.length);
		expect(counters.callsTimedReturned).toBe(counters.callsTimedEntered);
		expect(counters.callsTimedEntered).toBeGreaterThan(20);
		expect(counters.callsUnreadArguments).toBe(0);
		expect(unexplained(lossesOf(counters, counters.callsDelivered, 0))).toBe(0);
		object.close();
		expect(ownKernelObjects()).toEqual(before);
	});
});
