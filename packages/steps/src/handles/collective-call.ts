/** What one argument of a collective's event says: `count<<24|datatype<<20|op<<16|peer`. */
export interface CollectiveCall {
	/** Elements, at most 2^40 - 1. */
	readonly count: number;
	/** ncclDataType_t, at most 15. */
	readonly datatype: number;
	/** ncclRedOp_t; undefined where the call reduces nothing, or by an operation of the program's own. */
	readonly reduceOp: number | undefined;
	/** The other rank, or the root; undefined where there is none. */
	readonly peer: number | undefined;
}

const NO_OP = 0xf;
const NO_PEER = 0xffff;

export function readCollectiveCall(low: number, high: number): CollectiveCall {
	const reduceOp = (low >>> 16) & 0xf;
	const peer = low & 0xffff;
	return {
		count: high * 256 + (low >>> 24),
		datatype: (low >>> 20) & 0xf,
		reduceOp: reduceOp === NO_OP ? undefined : reduceOp,
		peer: peer === NO_PEER ? undefined : peer,
	};
}
