// Values of NCCL calls.

/** NCCL functions that are exported; setting up and tearing down communicators is not. */
export const ncclOpTypes = [
	'ncclAllReduce',
	'ncclAllGather',
	'ncclReduceScatter',
	'ncclBcast',
	'ncclSend',
	'ncclRecv',
] as const;
export type NcclOpType = (typeof ncclOpTypes)[number];

/** NCCL function by our operation code. */
export const ncclOpCodes = {
	1: 'ncclCommInitRank',
	2: 'ncclCommDestroy',
	3: 'ncclAllReduce',
	4: 'ncclAllGather',
	5: 'ncclReduceScatter',
	6: 'ncclBcast',
	7: 'ncclSend',
	8: 'ncclRecv',
	9: 'ncclCommInitAll',
} as const;

/** Name and size of an element by ncclDataType_t. */
export const ncclDatatypes = {
	0: { name: 'int8', bytes: 1 },
	1: { name: 'uint8', bytes: 1 },
	2: { name: 'int32', bytes: 4 },
	3: { name: 'uint32', bytes: 4 },
	4: { name: 'int64', bytes: 8 },
	5: { name: 'uint64', bytes: 8 },
	6: { name: 'float16', bytes: 2 },
	7: { name: 'float32', bytes: 4 },
	8: { name: 'float64', bytes: 8 },
	9: { name: 'bfloat16', bytes: 2 },
	10: { name: 'float8e4m3', bytes: 1 },
	11: { name: 'float8e5m2', bytes: 1 },
} as const;
export type NcclDatatype = (typeof ncclDatatypes)[keyof typeof ncclDatatypes]['name'];

/** Reduction by ncclRedOp_t. */
export const ncclReduceOps = { 0: 'sum', 1: 'prod', 2: 'max', 3: 'min', 4: 'avg' } as const;
export type NcclReduceOp = (typeof ncclReduceOps)[keyof typeof ncclReduceOps];
