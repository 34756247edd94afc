import { paths } from '@ingero/fixture-cuda-standin';
import { OperationTable } from '@ingero/steps';
import { expect, it } from 'vitest';
import { probedFunctions, probedOperations } from '../src/index';
import { callEvents, driverCalls, tally } from './helpers/call-event';
import { withoutEvidence } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';
import { loopSuite, watchLoop } from './helpers/watched-loop';

const QUICK = ['--steps', '150', '--decode-us', '200', '--prefill-us', '400', '--decodes-per-prefill', '5'];
const KINDS = ['layers', 'segments', 'async', 'mapped'];
const TABLE = new OperationTable(probedOperations({ memory: true }));
const MEMORY_CALLS = new Set(
	probedFunctions({ memory: true })
		.filter(({ code }) => TABLE.tellsMemory(code))
		.map(({ name }) => name),
);
/** The stand-in's cuMemMap begins with an instruction that the kernel single-steps. */
const allowSteppedSites = true;
const isMemoryCall = ({ name }: { readonly name: string }) => MEMORY_CALLS.has(name);

describeKernel('the memory of a process', () => {
	const loops = Object.fromEntries(KINDS.map((kind) => [kind, ['--kv', kind, ...QUICK]]));
	const seen = loopSuite(loops, { memory: true, admission: 0, allowSteppedSites });
	const seenWithEvents = loopSuite(loops, { memory: true, admission: 1, allowSteppedSites });

	it.each(KINDS)('is told by every call that changes it, in order, though no raw event is: %s', (kind) => {
		const { watch, done, losses } = seen(kind);
		expect(driverCalls(watch.batches)).toEqual([]);
		const calls = callEvents(watch.memoryCalls);
		const { cuMemRelease, ...made } = done.calls;
		expect(tally(calls.map(({ name }) => name))).toEqual(
			Object.fromEntries(Object.entries(made).filter(([name]) => MEMORY_CALLS.has(name))),
		);
		expect(calls.every(({ tNs }, i) => i === 0 || tNs >= (calls[i - 1]?.tNs as bigint))).toBe(true);
		expect(losses.ledgers.dropped.ledger_ring_full).toBe(0);
	});

	it.each(KINDS)('is the same among the ledgers and among the raw events, and makes the same ledgers: %s', (kind) => {
		const { watch, done } = seenWithEvents(kind);
		expect(callEvents(watch.memoryCalls)).toEqual(driverCalls(watch.batches).filter(isMemoryCall));
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
		expect(watch.ledgers.length).toBe(done.steps);
	});

	it.each([false, true])('is not counted in a ledger when CUDA refuses it; memory followed: %s', async (memory) => {
		const { watch, done } = await watchLoop(['--kv', 'segments', ...QUICK], { memory, admission: 1 });
		const made = driverCalls(watch.batches).filter(({ name }) => name === 'cuMemAlloc_v2');
		const refused = made.filter(({ args }) => args[2] !== 0n);
		expect(made.length).toBe(done.calls.cuMemAlloc_v2);
		expect(refused.length).toBe(25);
		expect(new Set(refused.map(({ args }) => args.join()))).toEqual(new Set([`${81 * 2 ** 30},0,2`]));
		const allocs = watch.ledgers.reduce((sum, ledger) => sum + ledger.allocs, 0);
		const bytes = watch.ledgers.reduce((sum, ledger) => sum + ledger.allocBytes, 0);
		expect(allocs).toBe(made.length - refused.length);
		expect(bytes).toBe(2 * 2 ** 20 + 25 * 20 * 2 ** 20);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('is counted as lost where its ring is too small', async () => {
		const { watch, done, losses } = await watchLoop(['--kv', 'async', ...QUICK, '--steps', '1000'], {
			memory: true,
			ledgerRingBytes: 4096,
		});
		expect(losses.ledgers.dropped.ledger_ring_full).toBeGreaterThan(0);
		expect(watch.memoryCalls.length).toBeGreaterThan(0);
		expect(watch.memoryCalls.length).toBeLessThan(2 * (done.calls.cuMemAllocAsync ?? 0));
	});

	it('is not told unless it is asked for', async () => {
		const { watch } = await watchLoop(['--kv', 'async', ...QUICK], { admission: 1 });
		expect(watch.memoryCalls).toEqual([]);
	});

	it('begins with the first call of the process, if that was seen', async () => {
		await using early = await Target.start(paths.libcuda);
		await using late = await Target.start(paths.libcuda);
		await late.ask('launch 1');
		await using watch = new Watch({ pids: [early.pid, late.pid], memory: true });
		await watch.attached();
		await early.ask('init');
		await early.ask('init');
		await late.ask('launch 1');
		await late.ask('init');
		await watch.stop();
		const inits = callEvents(watch.memoryCalls).map(({ name, pid, args }) => [name, pid, args[1]]);
		expect(inits).toEqual([
			['cuInit', early.pid, 1n],
			['cuInit', early.pid, 0n],
			['cuInit', late.pid, 0n],
		]);
	});
});
