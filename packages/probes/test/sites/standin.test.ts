import { BpfObject, features } from '@ingero/bpf-loader-native';
import { paths } from '@ingero/fixture-cuda-standin';
import { expect, it } from 'vitest';
import { attachLibrary } from '../../src/attach/library-probes';
import { probedFunctions, uprobeAttachTypes } from '../../src/functions';
import { KernelState } from '../../src/kernel-state';
import { objectFile } from '../../src/object-file';
import { describeKernel } from '../helpers/kernel-suite';
import { Target } from '../helpers/target';
import { OBJECT_DIRECTORY } from '../helpers/watch';

const ROUNDS = 30;

// One of its functions gives 999 from the second call on where a probe has spoiled its red zone.
describeKernel('probes on every function of the stand-in', () => {
	it.each([
		{ sites: 'the default sites', allowStepped: false },
		{ sites: 'slow sites too', allowStepped: true },
	])('at $sites change nothing in any call', async ({ allowStepped }) => {
		await using target = await Target.start(paths.libcuda);
		const multi = features().uprobeMulti.supported;
		using object = BpfObject.open(objectFile(OBJECT_DIRECTORY), {
			name: 'ingero',
			attachTypes: uprobeAttachTypes(multi),
		});
		object.load();
		const state = new KernelState(object);
		const probes = attachLibrary(object, paths.libcuda, { multi, allowStepped, functions: probedFunctions() });
		expect(probes.symbols.some(({ refused }) => refused !== undefined)).toBe(!allowStepped && process.arch === 'x64');
		// The target ends at the first call that gives an error, and its next answer never comes.
		for (let round = 0; round < ROUNDS; round++) await target.ask('every');
		probes.detach();
		expect(state.counters().callsProduced).toBeGreaterThan(ROUNDS * 100);
		expect(state.counters().callsTimedReturned).toBe(state.counters().callsTimedEntered);
	});
});
