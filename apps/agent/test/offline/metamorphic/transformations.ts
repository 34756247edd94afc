import type { Taken } from '../../helpers/recordings';
import { changeArguments, changed, DURATION, inOrder, PID, TID } from '../../helpers/records';

/** The same on a clock that runs `k` times as fast. Times have to be whole numbers then, too. */
export function scaled(recording: Taken, k: number): Taken {
	return changed(recording, ({ words, longs, at }) => {
		longs[at / 2] = BigInt(Number(longs[at / 2]) * k);
		words[at + DURATION] = (words[at + DURATION] as number) * k;
	});
}

/** What is called otherwise; 0 is no name, but the default stream or nobody. */
export interface Names {
	/** Added to processes and threads. */
	readonly threads: number;
	/** Added to streams, events and pointers. */
	readonly handles: bigint;
	/** Added to functions and graphs. */
	readonly functions: bigint;
}

export function renamed(recording: Taken, { threads, handles, functions }: Names): Taken {
	const thread = (tid: number) => (tid === 0 ? 0 : tid + threads);
	return changed(recording, (place) => {
		const { words, at } = place;
		words[at + PID] = thread(words[at + PID] as number);
		words[at + TID] = thread(words[at + TID] as number);
		changeArguments(place, recording.header.operations, (name, value) => {
			if (value === 0n) return 0n;
			if (name.endsWith('tid')) return BigInt(thread(Number(value)));
			if (name === 'function' || name === 'graph_exec') return value + functions;
			return name === 'stream' || name === 'event' || name.includes('pointer') ? value + handles : value;
		});
	});
}

/** Two recordings with the same operations as one, begun at the same time. */
export function interleaved(left: Taken, right: Taken): Taken {
	const startOf = ({ records }: Taken) => new BigUint64Array(records.buffer, records.byteOffset, 1)[0] as bigint;
	const shiftNs = startOf(left) - startOf(right);
	const moved = changed(right, ({ longs, at }) => {
		longs[at / 2] = (longs[at / 2] as bigint) + shiftNs;
	});
	return { header: left.header, records: inOrder(left.records, moved.records) };
}
