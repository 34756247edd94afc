import { OperationKind, OperationTable } from '@ingero/steps';
import { describe, expect, it } from 'vitest';
import { PROBED_FUNCTIONS, PROBED_OPERATIONS, type ProbedFunction } from './functions';

const FIRST_SCHEDULER_OP = 60;
const WAITS: readonly OperationKind[] = [
	OperationKind.waitStream,
	OperationKind.waitContext,
	OperationKind.waitEvent,
	OperationKind.queryEvent,
	OperationKind.queryStream,
];
const isLaunch = ({ program }: ProbedFunction) => program.startsWith('launch_kernel');

describe('the table of probed functions', () => {
	it('has no code and no name twice, and none that is a scheduler event', () => {
		expect(new Set(PROBED_FUNCTIONS.map(({ code }) => code)).size).toBe(PROBED_FUNCTIONS.length);
		expect(new Set(PROBED_FUNCTIONS.map(({ name }) => name)).size).toBe(PROBED_FUNCTIONS.length);
		for (const { code } of PROBED_FUNCTIONS) expect(code).toBeLessThan(FIRST_SCHEDULER_OP);
		expect(PROBED_OPERATIONS.size).toBe(PROBED_FUNCTIONS.length + 4);
	});

	it('means by each function what the builder of ledgers means by its name', () => {
		const table = new OperationTable(PROBED_OPERATIONS);
		for (const { name, code, kind } of PROBED_FUNCTIONS) expect([name, table.kindOf(code)]).toEqual([name, kind]);
		expect(table.kindOf(63)).toBe(OperationKind.processExit);
		expect(table.seesEveryEventRecord).toBe(true);
	});

	it.each(PROBED_FUNCTIONS)('has the places of $name where its arguments are named', (probed) => {
		const { args, places, stream, bytes } = probed;
		if (isLaunch(probed)) {
			expect(places).toEqual([]);
			return;
		}
		args.forEach((arg, i) => {
			// Results are filled in at the return, everything else comes from a parameter.
			if (arg === '-' || arg === 'return_code' || arg === 'device_pointer') {
				if (arg !== 'device_pointer' || i > 0) expect(places[i]).toBeUndefined();
			} else expect(places[i]).toBeDefined();
		});
		expect(stream).toBe(args.includes('stream') ? places[args.indexOf('stream')] : undefined);
		const isTimed = probed.program === 'timed_call_entered';
		if (args.includes('return_code')) expect(isTimed).toBe(true);
		if (WAITS.includes(probed.kind)) expect(isTimed).toBe(true);
		// The size that the ledger adds is the size that the event shows, so that both make the same ledger.
		if (bytes !== undefined) expect(bytes).toBe(places[args.indexOf('bytes')]);
	});

	it('gives the per-thread variant to what names a stream or uses the default one, and to nothing else', () => {
		for (const probed of PROBED_FUNCTIONS) {
			expect([probed.name, probed.perThreadSuffix !== undefined]).toEqual([
				probed.name,
				isLaunch(probed) || probed.stream !== undefined,
			]);
			if (probed.stream === 'defaultStream') expect(probed.perThreadSuffix).toBe('_ptds');
		}
	});
});
