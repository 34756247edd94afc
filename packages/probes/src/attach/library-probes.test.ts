import { paths } from '@ingero/fixture-cuda-standin';
import { describe, expect, it } from 'vitest';
import { probedFunctions } from '../memory-functions';
import { planSites } from './library-probes';

const OP_MASK = 0xffffn;
const PER_THREAD_BIT = 1n << 24n;

describe.each([false, true])('planSites of the stand-in library, memory followed: %s', (memory) => {
	const { sites, symbols } = planSites(paths.libcuda, { memory });

	it('reports every function and variant once', () => {
		const expected = probedFunctions(memory).flatMap(({ name, perThreadSuffix }) =>
			perThreadSuffix === undefined ? [name] : [name, name + perThreadSuffix],
		);
		expect(symbols.map(({ symbol }) => symbol)).toEqual(expected);
	});

	it('probes all of them, since it exports them all, each at a place of its own', () => {
		expect(symbols.filter(({ site, refused }) => site === undefined || refused !== undefined)).toEqual([]);
		expect(sites.length).toBe(symbols.length);
		expect(new Set(sites.map(({ fileOffset }) => fileOffset)).size).toBe(sites.length);
	});

	it('gives each site its function: code, program and variant', () => {
		for (const { name, code, program, perThreadSuffix } of probedFunctions(memory)) {
			const own = sites.filter(({ cookie }) => (cookie & OP_MASK) === BigInt(code));
			expect([name, own.map((site) => site.program)]).toEqual([
				name,
				perThreadSuffix === undefined ? [program] : [program, program],
			]);
			const perThread = own.map(({ cookie }) => (cookie & PER_THREAD_BIT) !== 0n);
			expect(perThread).toEqual(perThreadSuffix === undefined ? [false] : [false, true]);
		}
	});

	// The table of prologues in the stand-in's README.
	it.runIf(process.arch === 'x64')('says which are slow, and only ever goes behind endbr64', () => {
		const stepped = symbols.filter(({ site }) => site?.siteClass === 'stepped').map(({ symbol }) => symbol);
		expect(stepped.sort()).toEqual([
			'cuLaunchCooperativeKernel',
			'cuLaunchCooperativeKernel_ptsz',
			'cuMemAllocAsync_ptsz',
			'cuMemMap',
		]);
		for (const { site } of symbols) expect([0, 4]).toContain(site?.offset);
	});
});

describe('planSites of another library', () => {
	it('finds none of the functions in it', () => {
		const { sites, symbols } = planSites(paths.libcuda.replace('libcuda.so.1', 'libcudart.so.12'));
		expect(sites).toEqual([]);
		expect(symbols.every(({ site }) => site === undefined)).toBe(true);
	});
});
