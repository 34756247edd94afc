import { OperationKind, OperationTable } from '@ingero/steps';
import { describe, expect, it } from 'vitest';
import type { ProbedFunction } from './functions';
import { probedFunctions, probedOperations } from './memory-functions';

const FIRST_SCHEDULER_OP = 60;
const WAITS: readonly OperationKind[] = [
	OperationKind.waitStream,
	OperationKind.waitContext,
	OperationKind.waitEvent,
	OperationKind.queryEvent,
	OperationKind.queryStream,
];
/** Filled in by the programs, not taken from a parameter. */
const FOUND_LATER = ['-', 'return_code', 'device_pointer', 'handle', 'is_first_call'];
const isLaunch = ({ program }: ProbedFunction) => program.startsWith('launch_kernel');

describe.each([false, true])('the table of probed functions, memory followed: %s', (memory) => {
	const functions = probedFunctions(memory);

	it('has no code and no name twice, and none that is a scheduler event', () => {
		expect(new Set(functions.map(({ code }) => code)).size).toBe(functions.length);
		expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length);
		for (const { code } of functions) expect(code).toBeLessThan(FIRST_SCHEDULER_OP);
		expect(probedOperations(memory).size).toBe(functions.length + 4);
	});

	it('means by each function what the builder of ledgers means by its name', () => {
		const table = new OperationTable(probedOperations(memory));
		for (const { name, code, kind } of functions) expect([name, table.kindOf(code)]).toEqual([name, kind]);
		if (memory) {
			for (const { name, code, tellsMemory = false } of functions) {
				expect([name, table.tellsMemory(code)]).toEqual([name, tellsMemory]);
			}
		}
		expect(table.kindOf(63)).toBe(OperationKind.processExit);
		expect(table.seesEveryEventRecord).toBe(true);
	});

	it.each(functions)('has the places of $name where its arguments are named', (probed) => {
		const { args, places, stream, bytes } = probed;
		if (isLaunch(probed)) {
			expect(places).toEqual([]);
			return;
		}
		args.forEach((arg, i) => {
			// What a call gives back comes at its return, everything else from a parameter.
			const isGiven = !FOUND_LATER.includes(arg) || (arg === 'device_pointer' && i === 0);
			if (isGiven) expect(places[i]).toBeDefined();
			else expect(places[i]).toBeUndefined();
		});
		expect(stream).toBe(args.includes('stream') ? places[args.indexOf('stream')] : undefined);
		const isTimed = probed.program === 'timed_call_entered';
		if (args.includes('return_code')) expect(isTimed).toBe(true);
		if (WAITS.includes(probed.kind)) expect(isTimed).toBe(true);
		// The size that the ledger adds is the size that the event shows, so that both make the same ledger.
		if (bytes !== undefined) expect(bytes).toBe(places[args.indexOf('bytes')]);
	});

	it('gives the per-thread variant to what names a stream or uses the default one, and to nothing else', () => {
		for (const probed of functions) {
			expect([probed.name, probed.perThreadSuffix !== undefined]).toEqual([
				probed.name,
				isLaunch(probed) || probed.stream !== undefined,
			]);
			if (probed.stream === 'defaultStream') expect(probed.perThreadSuffix).toBe('_ptds');
		}
	});

	it('follows memory only when asked to, and then reads every address that is given at the return', () => {
		expect(functions.some(({ tellsMemory }) => tellsMemory)).toBe(memory);
		if (!memory) return;
		for (const { name, kind, program, args } of functions.filter(({ tellsMemory }) => tellsMemory)) {
			if (kind !== OperationKind.alloc) continue;
			expect([name, program]).toEqual([name, 'timed_call_entered']);
			expect(args).toContain(name === 'cuMemCreate' ? 'handle' : 'device_pointer');
		}
	});
});
