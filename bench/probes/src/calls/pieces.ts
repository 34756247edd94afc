import { shuffled } from '../measure/shuffle';
import { Rounds } from '../measure/statistics';
import { LIBRARY } from '../native-parts';
import type { Target } from '../target';
import type { Effort } from './calls';
import { floorObject } from './probing';

/** A piece runs so often in each program of bpf/floor.bpf.c. */
const TIMES = 8;
const PIECE = 'piece_';

/** What one thing that programs do costs, in ns. */
export interface PieceCost {
	readonly piece: string;
	readonly bestNs: number;
	readonly medianNs: number;
}

/** Times each thing that the agent's programs are made of, by programs that do it eight times. */
export async function measurePieces(target: Target, effort: Effort): Promise<PieceCost[]> {
	using object = floorObject();
	fillMaps(object);
	const offsets = [await target.offset('site_emulated')].map((offset) => offset + SITE_OFFSET);
	const ring = object.ring('ring');
	const drained = new ArrayBuffer(1 << 24);
	const names = ['floor_entry', ...object.programs.map(({ name }) => name).filter((name) => name.startsWith(PIECE))];
	const samples = new Map(names.map((name) => [name, new Rounds()]));
	for (let round = 0; round < effort.rounds; round++) {
		for (const name of shuffled(names, round)) {
			using _link = object.program(name).attachUprobeMulti({ path: LIBRARY, offsets });
			samples.get(name)?.add(await target.time('emulated', effort.batches, effort.calls));
			ring.drain(drained);
		}
	}
	const floor = samples.get('floor_entry') as Rounds;
	return names.slice(1).map((name) => {
		const rounds = samples.get(name) as Rounds;
		return {
			piece: name.slice(PIECE.length).replaceAll('_', ' '),
			bestNs: (rounds.best - floor.best) / TIMES,
			medianNs: (rounds.median - floor.median) / TIMES,
		};
	});
}

/** Directly after `endbr64`, where the library's other first instructions are. */
export const SITE_OFFSET: number = process.arch === 'x64' ? 4 : 0;

function fillMaps(object: ReturnType<typeof floorObject>): void {
	const key = new Uint8Array(16);
	const view = new DataView(key.buffer);
	view.setUint32(0, 1, true);
	view.setBigUint64(8, 0x5000n, true);
	object.map('hash_of_streams').set(key, new Uint8Array(176));
	object.map('hash_of_processes').set(key.subarray(0, 4), new Uint8Array(176));
	view.setBigUint64(8, 0x6000n, true);
	object.map('lru').set(key, new Uint8Array(8));
}
