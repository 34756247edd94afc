import { paths } from '@ingero/fixture-cuda-standin';
import { describe, expect, it } from 'vitest';
import { probedFunctions } from '../functions';
import { planSites } from './library-probes';

const OP_MASK = 0xffffn;
const PER_THREAD_BIT = 1n << 24n;
const SHIFT_BIT = 56n;
const SHIFT_BYTES = 8;

describe.each([false, true])('planSites of the stand-in library, memory followed: %s', (memory) => {
	const functions = probedFunctions({ memory });
	const { sites, symbols } = planSites(paths.libcuda, functions, { allowStepped: true });

	it('reports every function and variant once', () => {
		const expected = functions.flatMap(({ name, perThreadSuffix }) =>
			perThreadSuffix === undefined ? [name] : [name, name + perThreadSuffix],
		);
		expect(symbols.map(({ symbol }) => symbol)).toEqual(expected);
	});

	it('probes all that it exports, each at a place of its own, when it may take slow ones', () => {
		const exported = symbols.filter(({ exported }) => exported);
		expect(exported.length).toBeGreaterThan(60);
		expect(exported.filter(({ site, refused }) => site === undefined || refused !== undefined)).toEqual([]);
		expect(sites.map(({ symbol }) => symbol)).toEqual(exported.map(({ symbol }) => symbol));
		expect(new Set(sites.map(({ fileOffset }) => fileOffset)).size).toBe(sites.length);
	});

	it('gives each site its function: code, program and variant', () => {
		for (const { symbol, program, cookie } of sites) {
			const probed = functions.find(({ name }) => symbol === name || symbol.startsWith(`${name}_pt`));
			expect([symbol, probed?.program, probed?.code]).toEqual([symbol, program, Number(cookie & OP_MASK)]);
			expect((cookie & PER_THREAD_BIT) !== 0n).toBe(symbol !== probed?.name);
		}
	});
});

// The table of prologues in the stand-in's README.
describe.runIf(process.arch === 'x64')('planSites of its odd prologues', () => {
	const functions = probedFunctions({ memory: true });
	const { sites, symbols } = planSites(paths.libcuda, functions);
	const reportOf = (name: string) => symbols.find(({ symbol }) => symbol === name);

	it('refuses, with the reason, what it could only probe slowly, and nothing else', () => {
		const refused = symbols.filter((report) => report.refused !== undefined);
		expect(refused.map(({ symbol }) => symbol).sort()).toEqual([
			'cuMemAllocAsync_ptsz',
			'cuMemcpy2DAsync_v2_ptsz',
			'cuMemcpyPeer_ptds',
		]);
		for (const { site, refused: reason } of refused) {
			expect(site?.siteClass).toBe('stepped');
			expect(reason).toContain(`single-steps ${site?.instruction}`);
		}
		expect(sites.filter(({ symbol }) => refused.some((report) => report.symbol === symbol))).toEqual([]);
	});

	it('goes past what no argument depends on, and says how far the stack has moved', () => {
		const placed = { siteClass: 'emulated', instruction: 'push %rbx' };
		expect(reportOf('cuLaunchCooperativeKernel')?.site).toEqual({ ...placed, offset: 8, stackShiftBytes: 0x18 });
		const site = sites.find(({ symbol }) => symbol === 'cuLaunchCooperativeKernel');
		expect(Number((site?.cookie ?? 0n) >> SHIFT_BIT) * SHIFT_BYTES).toBe(0x18);
		expect(reportOf('cuLaunchCooperativeKernel_ptsz')?.site).toMatchObject({ offset: 3, stackShiftBytes: 0 });
	});

	it('stays at the start for functions whose return it probes too', () => {
		for (const { site, returns } of symbols) if (returns && site !== undefined) expect([0, 4]).toContain(site.offset);
	});

	it('steers clear of long nops when they do harm', () => {
		const careful = planSites(paths.libcuda, functions, { longNops: false }).symbols;
		expect(careful.find(({ symbol }) => symbol === 'cuStreamQuery_ptsz')?.refused).toBeDefined();
	});
});

describe('planSites of another library', () => {
	it('finds none of the functions in it', () => {
		const { sites, symbols } = planSites(paths.libcuda.replace('libcuda.so.1', 'libcudart.so.12'), probedFunctions());
		expect(sites).toEqual([]);
		expect(symbols.every(({ exported, site }) => !exported && site === undefined)).toBe(true);
	});
});
