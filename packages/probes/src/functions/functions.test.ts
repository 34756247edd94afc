import { OperationKind, OperationTable } from '@ingero/steps';
import { describe, expect, it } from 'vitest';
import { type ProbedFunction, probedFunctions, probedOperations, TIMED_PROGRAMS } from '.';

const WAITS: readonly OperationKind[] = [
	OperationKind.waitStream,
	OperationKind.waitContext,
	OperationKind.waitEvent,
	OperationKind.queryEvent,
	OperationKind.queryStream,
];
/** Filled in by the programs, not taken from a parameter. */
const FOUND_LATER = ['-', 'return_code', 'is_first_call'];
/** Programs that know where the arguments of their functions are. */
const KNOWING = /launch|described_copy|collective|communicator/;
/** Scheduler events, stacks, events of the host and what never leaves the kernel. */
const isNoCall = (code: number) => (code >= 60 && code <= 99) || (code >= 200 && code < 300);
const isTimed = ({ program }: ProbedFunction) => TIMED_PROGRAMS.has(program);

const everything = { runtime: true, nccl: true };

describe.each([
	{ memory: false, ...everything },
	{ memory: true, ...everything },
])('the table of probed functions, memory followed: $memory', (choice) => {
	const functions = probedFunctions(choice);

	it('has no code and no name twice, and none that is no call', () => {
		expect(new Set(functions.map(({ code }) => code)).size).toBe(functions.length);
		expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length);
		for (const { code } of functions) expect(isNoCall(code)).toBe(false);
		expect(probedOperations(choice).size).toBe(functions.length + 4);
		expect(probedOperations({ ...choice, stacks: true }).size).toBe(functions.length + 5);
	});

	it('means by each function what the builder of ledgers means by its name', () => {
		const table = new OperationTable(probedOperations(choice));
		for (const { name, code, kind } of functions) expect([name, table.kindOf(code)]).toEqual([name, kind]);
		expect(table.kindOf(63)).toBe(OperationKind.processExit);
		expect(table.seesEveryEventRecord).toBe(true);
	});

	it('gives ledgers nothing but what the driver and NCCL do', () => {
		for (const { name, family, kind } of functions) {
			if (family === 'runtime') expect([name, kind]).toEqual([name, OperationKind.observed]);
		}
	});

	it.each(functions)('has the places of $name where its arguments are named', (probed) => {
		const { args, places, stream, bytes, out } = probed;
		if (args.includes('return_code') || out !== undefined) expect(isTimed(probed)).toBe(true);
		if (WAITS.includes(probed.kind)) expect(isTimed(probed)).toBe(true);
		if (KNOWING.test(probed.program)) return;
		args.forEach((arg, i) => {
			// What a call gives back comes at its return, everything else from a parameter.
			const isGiven =
				!FOUND_LATER.includes(arg) && out?.argument !== i && !(arg === 'stream' && places[i] === undefined);
			if (isGiven) expect([arg, places[i]]).not.toEqual([arg, undefined]);
			else if (arg !== 'stream' && arg !== '-') expect(places[i]).toBeUndefined();
		});
		expect(stream).toBe(args.includes('stream') ? places[args.indexOf('stream')] : undefined);
		// The size that the ledger adds is the size that the event shows, so that both make the same ledger.
		if (bytes !== undefined) expect(bytes).toBe(places[args.indexOf('bytes')]);
	});

	it('gives a per-thread variant to nothing that has no stream', () => {
		for (const probed of functions) {
			if (probed.perThreadSuffix === undefined) continue;
			const names = probed.stream !== undefined || probed.program.includes('launch');
			expect([probed.name, names || probed.name.endsWith('WithParams')]).toEqual([probed.name, true]);
			if (probed.perThreadSuffix === '_ptds') expect(probed.stream).toBe('defaultStream');
		}
	});

	it('tells of memory only when asked to, and reads every address that is given at the return', () => {
		const table = new OperationTable(probedOperations(choice));
		for (const probed of functions) {
			if (table.tellsMemory(probed.code))
				expect([probed.name, probed.isTold === true]).toEqual([probed.name, choice.memory]);
			if (probed.kind === OperationKind.alloc) expect([probed.name, probed.out?.argument]).toEqual([probed.name, 1]);
		}
	});
});

describe('a choice of less', () => {
	it('is the driver alone by default, and adds the families asked for', () => {
		const families = (functions: readonly ProbedFunction[]) => [...new Set(functions.map(({ family }) => family))];
		expect(families(probedFunctions())).toEqual(['driver']);
		expect(families(probedFunctions({ runtime: true }))).toEqual(['driver', 'runtime']);
		expect(families(probedFunctions({ nccl: true }))).toEqual(['driver', 'nccl']);
	});
});
