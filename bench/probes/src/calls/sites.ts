import { shuffled } from '../measure/shuffle';
import { Rounds } from '../measure/statistics';
import { LIBRARY } from '../native-parts';
import type { Target } from '../target';
import type { Effort } from './calls';
import { SITE_OFFSET } from './pieces';
import { floorObject } from './probing';

/** What an empty probe costs at one kind of site, in ns. */
export interface SiteCost {
	readonly site: string;
	readonly bestNs: number;
	readonly medianNs: number;
}

const SITES = [
	{ site: 'push after endbr64, emulated', call: 'emulated', symbol: 'site_emulated', offset: SITE_OFFSET },
	{ site: '5-byte nop after endbr64', call: 'nop5', symbol: 'site_nop5', offset: SITE_OFFSET },
	{ site: 'mov after endbr64, single-stepped', call: 'stepped', symbol: 'site_stepped', offset: SITE_OFFSET },
	{ site: 'endbr64 itself, single-stepped', call: 'emulated', symbol: 'site_emulated', offset: 0 },
] as const;

/** Times an empty entry probe at each kind of site, and an empty pair of entry and return at the emulated one. */
export async function measureSites(target: Target, effort: Effort): Promise<SiteCost[]> {
	using object = floorObject();
	const cases: { site: string; call: string; offset: number; atReturn: boolean }[] = [];
	for (const { site, call, symbol, offset } of SITES) {
		cases.push({ site, call, offset: (await target.offset(symbol)) + offset, atReturn: false });
	}
	const [emulated] = cases;
	if (emulated === undefined) return [];
	cases.push({ ...emulated, site: `${emulated.site}, entry and return`, atReturn: true });
	const bare = cases.map(() => new Rounds());
	const probed = cases.map(() => new Rounds());
	for (let round = 0; round < effort.rounds; round++) {
		for (const [at, { call, offset, atReturn }] of shuffled([...cases.entries()], round)) {
			bare[at]?.add(await target.time(call, effort.batches, effort.calls));
			const where = { path: LIBRARY, offsets: [offset] };
			const returning = atReturn && object.program('floor_return').attachUprobeMulti({ ...where, return: true });
			const entered = object.program('floor_entry').attachUprobeMulti(where);
			probed[at]?.add(await target.time(call, effort.batches, effort.calls));
			entered.detach();
			if (returning) returning.detach();
		}
	}
	return cases.map(({ site }, at) => ({
		site,
		bestNs: (probed[at]?.best ?? Number.NaN) - (bare[at]?.best ?? Number.NaN),
		medianNs: (probed[at]?.median ?? Number.NaN) - (bare[at]?.median ?? Number.NaN),
	}));
}
