import { BpfObject } from '@ingero/bpf-loader-native';
import { paths } from '@ingero/fixture-cuda-standin';
import { unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { attachLibrary, planSites } from '../src/attach/library-probes';
import { probedFunctions, TIMED_PROGRAMS } from '../src/functions';
import { KernelState, lossesOf } from '../src/kernel-state';
import { objectFile } from '../src/object-file';
import { ownKernelObjects } from './helpers/kernel-objects';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { plainName, withTrace } from './helpers/trace';
import { OBJECT_DIRECTORY } from './helpers/watch';

// The kernel takes tens of milliseconds to take off a single probe.
const ALL = probedFunctions();
/** One function of each program and kind. */
const OF_EACH_KIND = ALL.filter(
	({ program, kind }, i) => ALL.findIndex((other) => other.program === program && other.kind === kind) === i,
);
/** One function of each program. */
const OF_EACH_PROGRAM = OF_EACH_KIND.filter(
	({ program }, i) => OF_EACH_KIND.findIndex((other) => other.program === program) === i,
);

// What kernels before 6.6 get: one perf event a site instead of one link a program.
describeKernel('probes through perf events', () => {
	it.each([
		{ whose: 'one process', limited: true, functions: OF_EACH_KIND },
		{ whose: 'every process', limited: false, functions: OF_EACH_PROGRAM },
	])('of $whose see each call once, with its return, and go', async ({ limited, functions }) => {
		const probed = new Set(functions.map(({ name }) => name));
		const timedNames = new Set(functions.filter(({ program }) => TIMED_PROGRAMS.has(program)).map(({ name }) => name));
		const before = ownKernelObjects();
		using object = BpfObject.open(objectFile(OBJECT_DIRECTORY), { name: 'ingero' });
		object.load();
		const state = new KernelState(object);
		const { result: goneNs, trace } = await withTrace(async (file) => {
			await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
			state.setTargets([target.pid]);
			const pid = limited ? { pid: target.pid } : {};
			const chosen = { multi: false, functions, allowStepped: true, ...pid };
			const probes = attachLibrary(object, paths.libcuda, chosen);
			await target.ask('every');
			await target.ask('threads 2');
			probes.detach();
			const detachedNs = process.hrtime.bigint();
			await target.ask('every');
			expect(probes.symbols).toEqual(planSites(paths.libcuda, functions, chosen).symbols);
			return detachedNs;
		});

		const counters = state.counters();
		const made = trace.filter((call) => probed.has(plainName(call.function)) && call.ns < goneNs);
		expect(counters.callsProduced).toBe(made.length);
		expect(counters.callsTimedReturned).toBe(counters.callsTimedEntered);
		const timed = made.filter((call) => timedNames.has(plainName(call.function)));
		expect(timed.length).toBeGreaterThan(10);
		expect(counters.callsTimedEntered).toBe(timed.length);
		expect(counters.callsUnreadArguments).toBe(0);
		expect(unexplained(lossesOf(counters, counters.callsDelivered, 0))).toBe(0);
		object.close();
		expect(ownKernelObjects()).toEqual(before);
	});
});
