import { expect, it } from 'vitest';
import { measureCalls } from '../src/calls/calls';
import { measurePieces } from '../src/calls/pieces';
import { measureSites } from '../src/calls/sites';
import { measureDetach } from '../src/detach/detach';
import { measureRawRate, measureStepRate } from '../src/rates/rates';
import { Target } from '../src/target';
import { describeKernel } from './kernel-suite';

const EFFORT = { rounds: 1, batches: 3, calls: 200 };
/** Ten seconds in all, or with INGERO_LONG the minute each that the loss ledger is to hold for. */
const SECONDS = process.env.INGERO_LONG === '1' ? 60 : 2;

describeKernel('bench:probes', () => {
	it('times every call under every probing, and none is free', async () => {
		await using target = new Target();
		const { floorBestNs, costs } = await measureCalls(target, EFFORT, { only: ['step'] });
		expect(floorBestNs).toBeGreaterThan(0);
		expect(new Set(costs.map(({ call }) => call))).toEqual(new Set(['launch', 'step']));
		expect(costs.filter(({ bestNs }) => !(bestNs > 0))).toEqual([]);
		await expect(measureCalls(target, EFFORT, { only: ['nothing'] })).rejects.toThrow('no call is named nothing');
	});

	it('times sites, pieces and detaching', async () => {
		await using target = new Target();
		const sites = await measureSites(target, EFFORT);
		expect(sites.filter(({ bestNs }) => !(bestNs > 0))).toEqual([]);
		expect((await measurePieces(target, EFFORT)).filter(({ bestNs }) => !Number.isFinite(bestNs))).toEqual([]);
		expect((await measureDetach(target, 1, false)).map(({ what }) => what)).toHaveLength(4);
	});

	it('accounts for every raw event at a million a second', async () => {
		await using target = new Target();
		const { deliveredPerSecond, unexplained } = await measureRawRate(target, SECONDS, 1_000_000);
		expect(deliveredPerSecond).toBeGreaterThan(0);
		expect(unexplained).toBe(0);
	});

	it('accounts for every step at a hundred thousand a second', async () => {
		await using target = new Target();
		const { deliveredPerSecond, unexplained } = await measureStepRate(target, SECONDS, 100_000, undefined);
		expect(deliveredPerSecond).toBeGreaterThan(0);
		expect(unexplained).toBe(0);
	});
});
