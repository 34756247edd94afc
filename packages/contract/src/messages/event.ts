import type { CudaGraphCaptureMode, NcclDatatype, NcclReduceOp } from '../enums';
import type { Int64 } from '../message';

export const event = {
	type: 'event',
	channels: ['stdout'],
	stability: 'experimental',
	since: 'ts-0.16',
	fields: {
		ts_ns: { type: 'int64', required: true },
		duration_ns: { type: 'int64', required: true },
		pid: { type: 'uint32', required: true },
		tid: { type: 'uint32', required: true },
		op: { type: 'string', required: true },
		args: { type: 'decimal[]', required: true },
		nccl: {
			type: 'object',
			required: false,
			fields: {
				init_seen: { type: 'bool', required: true },
				comm_id_hash: { type: 'string', required: false },
				rank: { type: 'uint32', required: false },
				nranks: { type: 'uint32', required: false },
				datatype: { type: 'string', required: false, enum: 'ncclDatatypes' },
				count: { type: 'int64', required: false },
				bytes: { type: 'int64', required: false },
				reduce_op: { type: 'string', required: false, enum: 'ncclReduceOps' },
				peer_rank: { type: 'uint32', required: false },
			},
		},
		graph: {
			type: 'object',
			required: false,
			fields: {
				graph: { type: 'decimal', required: true },
				captured_on: { type: 'decimal', required: false },
				capture_mode: { type: 'string', required: false, enum: 'cudaGraphCaptureModes' },
			},
		},
		stack: { type: 'string[]', required: false },
	},
} as const;

/** A raw event that the sampler admitted. */
export interface EventMessage {
	readonly type: 'event';
	/** When the call returned, or was entered if it has no duration, ns on the clock of the source. */
	readonly ts_ns: Int64;
	/** 0 for events without a duration. */
	readonly duration_ns: Int64;
	readonly pid: number;
	readonly tid: number;
	/** Name of the operation, e.g. `cuLaunchKernel`. */
	readonly op: string;
	/** Arguments in the order of the operation, unsigned decimal. */
	readonly args: readonly string[];
	/** Of a call that names a NCCL communicator. */
	readonly nccl?: NcclCall;
	/** Of a launch of a CUDA graph whose instantiation was seen. */
	readonly graph?: LaunchedGraph;
	/**
	 * The call's user stack, innermost frame first: `FILE!SYMBOL+0xOFFSET`, `FILE+0xADDRESS` where no symbol is known, an
	 * address where no file is. Only where stacks are taken, and this one was not lost.
	 */
	readonly stack?: readonly string[];
}

/** A call of NCCL; what is not known, or what the call does not have, is left out. */
export interface NcclCall {
	/** False when the communicator was made before it could be seen. */
	readonly init_seen: boolean;
	/** Hash of the communicator's unique id, equal on all its ranks: 16 hexadecimal digits. */
	readonly comm_id_hash?: string;
	/** The caller's rank in the communicator, 0 included. */
	readonly rank?: number;
	/** Ranks of the communicator. */
	readonly nranks?: number;
	readonly datatype?: NcclDatatype;
	/** Elements, as the call counts them; 1099511627775 is so many or more. */
	readonly count?: Int64;
	/** Elements times the size of one. */
	readonly bytes?: Int64;
	/** Absent where nothing is reduced, or by an operation of the program's own. */
	readonly reduce_op?: NcclReduceOp;
	/** The rank at the other end of a send or receive, or the root of a collective; 0 included. */
	readonly peer_rank?: number;
}

/** Where a launched graph comes from. */
export interface LaunchedGraph {
	/** Handle of the graph that was instantiated, unsigned decimal. */
	readonly graph: string;
	/** Handle of the stream it was captured on; absent for a graph that was built, or whose capture was not seen. */
	readonly captured_on?: string;
	readonly capture_mode?: CudaGraphCaptureMode;
}
