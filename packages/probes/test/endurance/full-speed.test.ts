import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BpfObject, features } from '@ingero/bpf-loader-native';
import { expect, it, onTestFinished } from 'vitest';
import { attachLibrary } from '../../src/attach/library-probes';
import { probedFunctions, uprobeAttachTypes } from '../../src/functions';
import { objectFile } from '../../src/object-file';
import { openFileCount, ownKernelObjects } from '../helpers/kernel-objects';
import { describeKernel } from '../helpers/kernel-suite';
import { OBJECT_DIRECTORY } from '../helpers/watch';
import { Endurance, enduranceSuite } from './program';

const LONG = process.env.INGERO_LONG === '1';
const CYCLES = LONG ? 10_000 : 20;
const KILLS = LONG ? 50 : 2;
const AGENT = fileURLToPath(new URL('agent.mjs', import.meta.url));
/** The cycles of a long run. */
const TIME_LIMIT_MS = LONG ? 3_600_000 : 120_000;

function openObject(multi: boolean): BpfObject {
	const object = BpfObject.open(objectFile(OBJECT_DIRECTORY), {
		name: 'ingero',
		attachTypes: uprobeAttachTypes(multi),
	});
	object.load();
	return object;
}

describeKernel('a process at full speed', () => {
	const suite = enduranceSuite();

	it(
		`has probes come and go ${CYCLES} times, and not one wrong result`,
		async () => {
			const library = suite.copyOfLibrary();
			const program = new Endurance('speed', library, '2');
			await program.begun();
			const multi = features().uprobeMulti.supported;
			using object = openObject(multi);
			const [filesBefore, objectsBefore] = [openFileCount(), ownKernelObjects()];
			const attachMs: number[] = [];
			const detachMs: number[] = [];
			for (let cycle = 0; cycle < CYCLES; cycle++) {
				const startMs = performance.now();
				const probes = attachLibrary(object, library, { multi, functions: probedFunctions() });
				const attachedMs = performance.now();
				// A while with probes, and from every moment of the attaching to the next at random.
				if (cycle % 5 === 0) await sleep(cycle % 4);
				const leaveMs = performance.now();
				probes.detach();
				attachMs.push(attachedMs - startMs);
				detachMs.push(performance.now() - leaveMs);
			}
			expect(ownKernelObjects()).toEqual(objectsBefore);
			expect(openFileCount()).toBe(filesBefore);
			program.child.kill('SIGTERM');
			expect(await program.ended).toEqual([0, null]);
			expect(program.done).toMatchObject({ wrongResults: 0, wrongRegisters: 0 });
			const middle = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1]?.toFixed(1);
			console.log(`${CYCLES} cycles: attach ${middle(attachMs)} ms, detach ${middle(detachMs)} ms (medians)`);
		},
		TIME_LIMIT_MS,
	);

	it(
		`outlives ${KILLS} agents that are killed, and is as fast as before`,
		async () => {
			const library = suite.copyOfLibrary();
			const program = new Endurance('speed', library, '1');
			await program.begun();
			const gone: number[] = [];
			for (let round = 0; round < KILLS; round++) {
				await sleep(500);
				const free = rateOf(program, 40);
				const agent = spawn(process.execPath, [AGENT, OBJECT_DIRECTORY, String(program.pid)], {
					stdio: ['ignore', 'pipe', 'inherit'],
				});
				onTestFinished(() => {
					agent.kill('SIGKILL');
				});
				await once(agent.stdout, 'data');
				await sleep(500);
				const probed = rateOf(program, 40);
				expect(probed).toBeLessThan(free);
				const killedNs = Number(process.hrtime.bigint());
				agent.kill('SIGKILL');
				await once(agent, 'exit');
				await fastAgain(program, killedNs, (free + probed) / 2);
				gone.push((lastOf(program).ns - killedNs) / 1e6);
			}
			program.child.kill('SIGTERM');
			expect(await program.ended).toEqual([0, null]);
			expect(program.done).toMatchObject({ wrongResults: 0, wrongRegisters: 0 });
			console.log(`from SIGKILL to half way back to full speed, in ms: ${gone.map((ms) => ms.toFixed(0)).join(' ')}`);
		},
		TIME_LIMIT_MS,
	);
});

type Calls = { readonly ns: number; readonly calls: number };

const callsOf = (program: Endurance) => program.lines.filter(({ type }) => type === 'calls') as unknown as Calls[];
const lastOf = (program: Endurance) => callsOf(program).at(-1) as Calls;

/** Calls in a ms over the last lines. */
function rateOf(program: Endurance, lines: number): number {
	const [first, last] = [callsOf(program).at(-lines) as Calls, lastOf(program)];
	return ((last.calls - first.calls) / (last.ns - first.ns)) * 1e6;
}

/** Waits for a line that began after `sinceNs` and is faster than `rate`. */
async function fastAgain(program: Endurance, sinceNs: number, rate: number): Promise<void> {
	for (;;) {
		const [before, last] = callsOf(program).slice(-2) as [Calls, Calls];
		if (before.ns > sinceNs && rateOf(program, 2) > rate) return;
		if (last.ns > sinceNs + 60e9) throw new Error('it never got as fast as before');
		await sleep(5);
	}
}
