import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BpfMap, BpfObject } from '../../src/index';
import { describeBpf, objectPath, readU64, TARGET, Target, u64 } from './support';

function open(): BpfObject {
	const object = BpfObject.open(objectPath('map'), { disable: ['impossible', 'blnt_impossible'] });
	object.load();
	return object;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

type Command =
	| {
			readonly kind: 'set';
			readonly key: number;
			readonly value: Uint8Array;
			readonly mode: 'any' | 'create' | 'replace';
	  }
	| { readonly kind: 'get' | 'delete'; readonly key: number }
	| { readonly kind: 'list' | 'clear' };

const key = fc.nat({ max: 80 });
const command: fc.Arbitrary<Command> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('set' as const),
			key,
			value: fc.uint8Array({ minLength: 12, maxLength: 12 }),
			mode: fc.constantFrom('any' as const, 'create' as const, 'replace' as const),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('list' as const, 'clear' as const) }) },
);

/** A model of a hash map of 64 entries. */
function expectSame(map: BpfMap, commands: readonly Command[]): void {
	const model = new Map<number, string>();
	map.clear();
	for (const step of commands) {
		switch (step.kind) {
			case 'set': {
				const exists = model.has(step.key);
				if (!exists && step.mode !== 'replace' && model.size === map.maxEntries) {
					expect(() => map.set(u64(step.key), step.value, step.mode)).toThrow(
						expect.objectContaining({ code: 'INGERO_BPF_MAP', errnoName: 'E2BIG' }),
					);
					break;
				}
				const stores = step.mode === 'any' || (step.mode === 'replace') === exists;
				expect(map.set(u64(step.key), step.value, step.mode)).toBe(stores);
				if (stores) model.set(step.key, hex(step.value));
				break;
			}
			case 'get': {
				const value = map.get(u64(step.key));
				expect(value && hex(value)).toBe(model.get(step.key));
				break;
			}
			case 'delete':
				expect(map.delete(u64(step.key))).toBe(model.delete(step.key));
				break;
			case 'list': {
				const entries = [...map.entries()].map(([key, value]) => [readU64(key), hex(value)] as const);
				expect(entries).toHaveLength(model.size);
				expect(new Map(entries)).toEqual(model);
				expect([...map.keys()].map((bytes) => readU64(bytes))).toEqual(entries.map(([key]) => key));
				break;
			}
			case 'clear':
				map.clear();
				model.clear();
		}
	}
}

describeBpf('map', [], () => {
	it('behaves as a Map of limited size', () => {
		using object = open();
		const table = object.map('table');
		fc.assert(
			fc.property(fc.array(command, { maxLength: 400, size: 'max' }), (commands) => expectSame(table, commands)),
			{
				numRuns: 100,
			},
		);
	});

	it('lists each lasting entry once while others come and go', () => {
		using object = open();
		const table = object.map('table');
		const value = new Uint8Array(12);
		for (let key = 0; key < 32; key++) table.set(u64(key), value);
		const seen: number[] = [];
		for (const [key] of table.entries()) {
			const number = readU64(key);
			seen.push(number);
			// Deleting the key at hand makes a walk from key to key start over.
			if (number >= 16) table.delete(key);
			table.set(u64(100 + number), value);
		}
		expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, key) => key));
	});

	it('has every index of an array, and clears it to zero', () => {
		using object = open();
		const constants = object.map('constants');
		expect(constants.setAt(7, u64(5))).toBe(true);
		expect(readU64(constants.getAt(7))).toBe(5);
		expect(constants.getAt(8)).toBeUndefined();
		expect(constants.setAt(3, u64(5), 'create')).toBe(false);
		expect([...constants.keys()]).toHaveLength(8);
		expect(() => constants.delete(new Uint8Array(4))).toThrow(expect.objectContaining({ errnoName: 'EINVAL' }));
		constants.clear();
		expect([...constants.entries()].every(([, value]) => readU64(value) === 0)).toBe(true);
	});

	it('adds up what each processor counted', async () => {
		using object = open();
		const counters = object.map('per_cpu');
		await using target = new Target();
		object.program('blnt_count_cpu').attachUprobe({ path: TARGET, symbol: 'site_00', pid: target.pid });
		await target.ask('threads 0 500 8');
		const key = new Uint8Array(Uint32Array.of(1).buffer);
		expect(counters.sumPerCpuU64(key)).toEqual([4000, 8000]);
		const values = counters.getPerCpu(key) ?? [];
		expect(values.length).toBeGreaterThan(0);
		expect(values.map((value) => readU64(value)).reduce((a, b) => a + b)).toBe(4000);
		expect(values.every((value) => readU64(value, 8) === 2 * readU64(value))).toBe(true);

		const large = new Uint8Array([...u64(2n ** 40n + 1n), ...u64(7)]);
		counters.set(key, large);
		expect(counters.sumPerCpuU64(key)).toEqual([values.length * (2 ** 40 + 1), values.length * 7]);
		counters.clear();
		expect(counters.sumPerCpuU64(key)).toEqual([0, 0]);
		expect(counters.getPerCpu(new Uint8Array(Uint32Array.of(2).buffer))).toBeUndefined();
	});

	it('names the size it expected', () => {
		using object = open();
		const table = object.map('table');
		expect(() => table.get(new Uint8Array(4))).toThrow(new TypeError('key: expected 8 bytes, received 4'));
		expect(() => table.set(u64(1), u64(1))).toThrow(new TypeError('value: expected 12 bytes, received 8'));
		expect(() => table.delete(Uint32Array.of(1, 2) as unknown as Uint8Array)).toThrow(TypeError);
		expect(() => table.get('12345678' as unknown as Uint8Array)).toThrow(TypeError);
		expect(() => table.getAt(0)).toThrow(TypeError);
		expect(() => table.getPerCpu(u64(1))).toThrow(TypeError);
		expect(() => table.set(u64(1), new Uint8Array(12), 'never' as 'any')).toThrow(TypeError);
		expect(() => object.map('constants').getAt(-1)).toThrow(TypeError);
		expect(() => object.map('per_cpu').getAt(0)).toThrow(TypeError);
		expect(() => [...object.map('per_cpu').entries()]).toThrow(TypeError);
	});
});
