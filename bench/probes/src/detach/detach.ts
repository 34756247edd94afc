import { type BpfLink, BpfObject, detachAll } from '@ingero/bpf-loader-native';
import { agentProbes, floorObject } from '../calls/probing';
import { Rounds } from '../measure/statistics';
import { LIBRARY, nativePart } from '../native-parts';
import type { Target } from '../target';

const SITES = 40;
const LINKS = 5;

/** How long it takes to take probes away, in ms. */
export interface DetachTime {
	readonly what: string;
	readonly bestMs: number;
	readonly medianMs: number;
}

/**
 * Detaches from a library that a process has mapped.
 *
 * @param withPerfEvents forty perf events too, which take seconds
 */
export async function measureDetach(target: Target, rounds: number, withPerfEvents: boolean): Promise<DetachTime[]> {
	const first = await target.offset('site_forty');
	const at = process.arch === 'x64' ? { first: first + 4, bytes: 1 } : { first, bytes: 4 };
	const offsets = Array.from({ length: SITES }, (_, site) => at.first + site * at.bytes);
	using object = floorObject();
	const program = object.program('floor_entry');
	const split = (): BpfLink[] =>
		Array.from({ length: LINKS }, (_, link) =>
			program.attachUprobeMulti({
				path: LIBRARY,
				offsets: offsets.slice((link * SITES) / LINKS, ((link + 1) * SITES) / LINKS),
			}),
		);
	const ways: readonly { what: string; once?: true; attach: () => Promise<() => unknown> }[] = [
		{
			what: `${SITES} sites, one link`,
			attach: async () => {
				const link = program.attachUprobeMulti({ path: LIBRARY, offsets });
				return () => link.detach();
			},
		},
		{
			what: `${SITES} sites, ${LINKS} links in turn`,
			attach: async () => {
				const links = split();
				return () => {
					for (const link of links) link.detach();
				};
			},
		},
		{
			what: `${SITES} sites, ${LINKS} links at once`,
			attach: async () => {
				const links = split();
				return () => detachAll(links);
			},
		},
		{
			what: 'a session of the agent, from stop to end',
			attach: agentProbes('ledgers', { pids: [target.pid, process.pid] }).attach,
		},
		{
			what: `${SITES} perf events`,
			once: true,
			attach: async () => {
				const single = BpfObject.open(nativePart('floor.bpf.o'));
				single.load();
				for (const offset of offsets) single.program('floor_entry').attachUprobe({ path: LIBRARY, offset });
				return () => single.close();
			},
		},
	];
	const taken = ways.map(() => new Rounds());
	for (let round = 0; round < rounds; round++) {
		for (const [way, { once, attach }] of ways.entries()) {
			if (once && (round > 0 || !withPerfEvents)) continue;
			const detach = await attach();
			const start = performance.now();
			await detach();
			taken[way]?.add([performance.now() - start]);
		}
	}
	return ways
		.map(({ what }, way) => ({
			what,
			bestMs: taken[way]?.best ?? Number.NaN,
			medianMs: taken[way]?.median ?? Number.NaN,
		}))
		.filter(({ bestMs }) => !Number.isNaN(bestMs));
}
