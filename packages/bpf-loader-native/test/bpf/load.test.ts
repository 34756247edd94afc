import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BpfError, BpfObject, type BpfObjectOptions } from '../../src/index';
import { describeBpf, objectPath, TARGET, Target } from './support';

/** The map object has one map that no kernel can create. */
const LOADABLE: BpfObjectOptions = { disable: ['impossible', 'blnt_impossible'] };

function failure(action: () => unknown): BpfError {
	try {
		action();
	} catch (error) {
		if (error instanceof BpfError) return error;
		throw error;
	}
	throw new Error('did not fail');
}

describeBpf('loading', [], () => {
	it('keeps the whole verifier log of a rejected program and shows its end', () => {
		using object = BpfObject.open(objectPath('reject'));
		const error = failure(() => object.load());
		expect(error.code).toBe('INGERO_BPF_LOAD');
		expect(error.errnoName).toBe('EACCES');
		expect(error.operation).toBe('bpf_object__load');
		const log = error.verifierLog ?? '';
		expect(log.length).toBeGreaterThan(1e6);
		expect(log).toMatch(/^(func#0|0: |reg type)/m);
		expect(log).toMatch(/invalid mem access 'map_value_or_null'/);
		expect(log).toMatch(/^processed \d+ insns/m);
		expect(error.message).toContain("invalid mem access 'map_value_or_null'");
		expect(error.message).toContain("prog 'blnt_reject'");
		expect(error.message.length).toBeLessThan(2000);
		expect(error.diagnostics).not.toContain('BEGIN PROG LOAD LOG');
		expect(() => object.load()).toThrow(TypeError);
	});

	it('leaves out what is disabled, and fails without', () => {
		using everything = BpfObject.open(objectPath('map'));
		const error = failure(() => everything.load());
		expect(error.code).toBe('INGERO_BPF_LOAD');
		expect(error.message).toContain('impossible');

		using object = BpfObject.open(objectPath('map'), LOADABLE);
		object.load();
		expect(object.program('blnt_impossible').enabled).toBe(false);
		expect(object.map('impossible').enabled).toBe(false);
		expect(failure(() => object.map('impossible').get(new Uint8Array(4))).code).toBe('INGERO_BPF_NOT_LOADED');
		expect(failure(() => object.program('blnt_impossible').attachUprobe({ path: TARGET, symbol: 'main' })).code).toBe(
			'INGERO_BPF_NOT_LOADED',
		);
	});

	it('refuses to use what is not loaded yet, and everything after close', () => {
		const object = BpfObject.open(objectPath('map'), LOADABLE);
		const { programs, maps } = object;
		expect(failure(() => object.map('table').get(new Uint8Array(8))).code).toBe('INGERO_BPF_NOT_LOADED');
		expect(failure(() => programs[0]?.attachUprobe({ path: TARGET, symbol: 'main' })).code).toBe(
			'INGERO_BPF_NOT_LOADED',
		);
		object.load();
		object.close();
		object.close();
		expect(failure(() => maps[0]?.get(new Uint8Array(8))).code).toBe('INGERO_BPF_CLOSED');
		expect(failure(() => programs[0]?.statistics()).code).toBe('INGERO_BPF_CLOSED');
		expect(failure(() => object.load()).code).toBe('INGERO_BPF_CLOSED');
		expect(failure(() => object.structLayout('layout_record')).code).toBe('INGERO_BPF_CLOSED');
	});

	it('describes programs and maps', () => {
		using object = BpfObject.open(readFileSync(objectPath('map')), {
			...LOADABLE,
			name: 'from bytes',
			maxEntries: { table: 99 },
		});
		object.load();
		expect(object.name).toBe('from_bytes');
		expect(object.programs.map(({ name }) => name)).toEqual(['blnt_count_cpu', 'blnt_impossible']);
		const { name, type, keySize, valueSize, maxEntries, perCpu } = object.map('table');
		expect({ name, type, keySize, valueSize, maxEntries, perCpu }).toEqual({
			name: 'table',
			type: 'hash',
			keySize: 8,
			valueSize: 12,
			maxEntries: 99,
			perCpu: false,
		});
		expect(object.map('per_cpu').perCpu).toBe(true);
		expect(object.map('.rodata').maxEntries).toBe(1);
		const program = object.program('blnt_count_cpu');
		expect(program.section).toBe('uprobe');
		expect(program.instructionCount).toBeGreaterThan(20);
		expect(program.statistics().verifiedInstructions).toBeGreaterThan(20);
	});

	it('names what an object lacks', () => {
		for (const options of [
			{ disable: ['nothing'] },
			{ maxEntries: { nothing: 1 } },
			{ attachTypes: { nothing: 'uprobe.multi' } },
			{ readOnlyData: { nothing: 1 } },
		] as const) {
			const error = failure(() => BpfObject.open(objectPath('map'), options));
			expect(error.code).toBe('INGERO_BPF_NOT_FOUND');
			expect(error.message).toContain('"nothing"');
		}
		using object = BpfObject.open(objectPath('map'));
		expect(failure(() => object.program('nothing')).message).toContain('blnt_count_cpu');
		expect(failure(() => object.map('nothing')).message).toContain('per_cpu');
		expect(failure(() => object.structLayout('nothing')).code).toBe('INGERO_BPF_NOT_FOUND');
		expect(() => object.ring('table')).toThrow(TypeError);
	});

	it('sets load-time constants of every width', async () => {
		using object = BpfObject.open(objectPath('map'), {
			...LOADABLE,
			readOnlyData: {
				constant_u8: 255,
				constant_s16: -32768,
				constant_u64: 2n ** 63n - 1n,
				constant_bool: true,
				constant_enum: 1,
			},
		});
		object.load();
		await using target = new Target();
		object.program('blnt_count_cpu').attachUprobe({ path: TARGET, symbol: 'site_00', pid: target.pid });
		await target.ask('call 0 1');
		const values = [0, 1, 2, 3, 4, 5].map((index) => {
			const bytes = object.map('constants').getAt(index) as Uint8Array;
			return new DataView(bytes.buffer).getBigInt64(0, true);
		});
		expect(values).toEqual([255n, -32768n, 3n, 2n ** 63n - 1n, 1n, 1n]);
	});

	it('refuses constants that do not fit', () => {
		for (const [name, value] of [
			['constant_u8', 256],
			['constant_u8', -1],
			['constant_s16', 32768],
			['constant_u32', 1.5],
			['constant_u64', 2n ** 64n],
		] as const) {
			expect(() => BpfObject.open(objectPath('map'), { readOnlyData: { [name]: value } })).toThrow(TypeError);
		}
	});

	it('reads a struct layout that agrees with the C compiler', async () => {
		using object = BpfObject.open(objectPath('map'));
		const { size, fields } = object.structLayout('layout_record');
		await using target = new Target();
		const ours = [...fields.map((field) => `${field.name}:${field.offset}:${field.size}`), `size:${size}`];
		expect(ours.join(' ')).toBe(await target.ask('layout'));
		expect(fields.map(({ type, elements }) => [type, elements])).toEqual([
			['struct layout_header', 1],
			['__u64', 1],
			['__u64', 1],
			['__u32', 1],
			['__u32', 1],
			['char', 16],
			['__s16', 6],
			['enum layout_kind', 1],
			['__u8', 1],
		]);
	});
});
