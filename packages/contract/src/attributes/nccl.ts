// NCCL calls.

export const libncclPath = {
	key: 'libnccl_path',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'libnccl_path',
	since: '0.14.0',
	description: 'Path of the NCCL library that a process maps.',
} as const;

export const libncclVersion = {
	key: 'libnccl_version',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'libnccl_version',
	since: '0.14.0',
	description: 'Version of that NCCL library.',
} as const;

export const ncclOpType = {
	key: 'nccl.op_type',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'op_type',
	enum: 'ncclOpTypes',
	since: '0.12.1',
	description: 'NCCL function.',
} as const;

export const ncclCommIdHash = {
	key: 'nccl.comm_id_hash',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'nccl_comm_id_hash',
	since: '0.12.1',
	description:
		'Hash of the communicator id, 16 hexadecimal digits; all zero when it was made before the agent attached.',
} as const;

export const ncclRank = {
	key: 'nccl.rank',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'nccl_rank',
	since: '0.12.1',
	description: 'Rank within the communicator.',
} as const;

export const ncclNranks = {
	key: 'nccl.nranks',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'nccl_nranks',
	since: '0.12.1',
	description: 'Ranks of the communicator.',
} as const;

export const ncclDatatype = {
	key: 'nccl.datatype',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'nccl_datatype',
	enum: 'ncclDatatypes',
	since: '0.12.1',
	description: 'Element type, an `ncclDataType_t`.',
} as const;

export const ncclReduceOp = {
	key: 'nccl.reduce_op',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'nccl_reduce_op',
	enum: 'ncclReduceOps',
	since: '0.12.1',
	description: 'Reduction, an `ncclRedOp_t`.',
} as const;

export const ncclPeerRank = {
	key: 'nccl.peer_rank',
	type: 'int',
	on: ['point'],
	prometheusLabel: 'nccl_peer_rank',
	since: '0.12.2',
	description: 'Rank at the other end of a send or receive, 0 included.',
} as const;
