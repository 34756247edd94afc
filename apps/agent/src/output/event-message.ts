import {
	type CudaGraphCaptureMode,
	cudaGraphCaptureModes,
	type NcclReduceOp,
	ncclDatatypes,
	ncclReduceOps,
} from '@ingero/contract/enums';
import { type EventMessage, event, type LaunchedGraph, type NcclCall } from '@ingero/contract/messages';
import {
	type Communicators,
	type Graphs,
	handleValue,
	type OperationDescription,
	OperationKind,
	OperationTable,
	readCollectiveCall,
} from '@ingero/steps';

/** Word offsets in a record; its time is words 0 and 1. */
const DURATION = 2;
const PID = 3;
const TID = 4;
const OP = 5;
const ARG0 = 6;

const DATATYPES: Readonly<Record<number, (typeof ncclDatatypes)[keyof typeof ncclDatatypes] | undefined>> =
	ncclDatatypes;
const REDUCE_OPS: Readonly<Record<number, NcclReduceOp | undefined>> = ncclReduceOps;
const CAPTURE_MODES: Readonly<Record<number, CudaGraphCaptureMode | undefined>> = cudaGraphCaptureModes;

/** Calls after which a handle means nothing, or another thing. */
const ENDS_HANDLE = /^(ncclComm(Destroy|Abort)|cuGraph(Exec)?Destroy)$/;

/** What there is to know of an operation to print its events. */
export interface PrintedOperation {
	readonly name: string;
	readonly isStack: boolean;
	readonly isProcessExit: boolean;
	/** It makes, describes or ends a communicator or a graph. */
	readonly tellsHandles: boolean;
	readonly endsHandle: boolean;
	/** Places among the arguments, -1 for none. */
	readonly comm: number;
	readonly collective: number;
	readonly launchedGraph: number;
}

/** The operations of a source, made ready to print their events. */
export class PrintedOperations {
	readonly #descriptions: ReadonlyMap<number, OperationDescription>;
	readonly #table: OperationTable;
	readonly #known = new Map<number, PrintedOperation>();

	constructor(descriptions: ReadonlyMap<number, OperationDescription>) {
		this.#descriptions = descriptions;
		this.#table = new OperationTable(descriptions);
	}

	/** Of a record at word `at`. */
	of(words: Uint32Array, at: number): PrintedOperation {
		const code = words[at + OP] as number;
		let known = this.#known.get(code);
		if (known === undefined) {
			known = this.#make(code);
			this.#known.set(code, known);
		}
		return known;
	}

	#make(code: number): PrintedOperation {
		const { name = `unknown(${code})`, args = [] } = this.#descriptions.get(code) ?? {};
		const tellsHandles = this.#table.tellsHandles(code);
		return {
			name,
			isStack: name === 'call_stack',
			isProcessExit: this.#table.kindOf(code) === OperationKind.processExit,
			tellsHandles,
			endsHandle: ENDS_HANDLE.test(name),
			comm: args.indexOf('comm'),
			collective: args.indexOf('count<<24|datatype<<20|op<<16|peer'),
			launchedGraph: tellsHandles ? -1 : args.indexOf('graph_exec'),
		};
	}
}

/** The line of the record at word `at`, without its stack. */
export function eventMessage(
	words: Uint32Array,
	at: number,
	operation: PrintedOperation,
	handles: { readonly communicators: Communicators; readonly graphs: Graphs },
): EventMessage {
	const pid = words[at + PID] as number;
	const { comm, launchedGraph } = operation;
	const nccl = comm < 0 ? undefined : ncclCall(words, at, operation, handles.communicators);
	const graph = launchedGraph < 0 ? undefined : origin(pid, argument(words, at, launchedGraph), handles.graphs);
	return {
		type: event.type,
		ts_ns: handleValue(words[at] as number, words[at + 1] as number),
		duration_ns: words[at + DURATION] as number,
		pid,
		tid: words[at + TID] as number,
		op: operation.name,
		args: [0, 1, 2].map((place) => argument(words, at, place).toString()),
		...(nccl === undefined ? {} : { nccl }),
		...(graph === undefined ? {} : { graph }),
	};
}

function argument(words: Uint32Array, at: number, place: number): bigint {
	const low = at + ARG0 + 2 * place;
	return handleValue(words[low] as number, words[low + 1] as number);
}

function ncclCall(
	words: Uint32Array,
	at: number,
	{ comm, collective }: PrintedOperation,
	communicators: Communicators,
): NcclCall | undefined {
	const handle = argument(words, at, comm);
	// A communicator that could not be made.
	if (handle === 0n) return undefined;
	const { isInitSeen, idHash, rank, ranks } = communicators.of(words[at + PID] as number, handle);
	return {
		init_seen: isInitSeen,
		...(idHash === 0n ? {} : { comm_id_hash: idHash.toString(16).padStart(16, '0') }),
		...(rank === undefined ? {} : { rank }),
		...(ranks === undefined ? {} : { nranks: ranks }),
		...(collective < 0 ? {} : moved(words, at + ARG0 + 2 * collective)),
	};
}

type MovedData = Pick<NcclCall, 'datatype' | 'count' | 'bytes' | 'reduce_op' | 'peer_rank'>;

function moved(words: Uint32Array, low: number): MovedData {
	const { count, datatype, reduceOp, peer } = readCollectiveCall(words[low] as number, words[low + 1] as number);
	const element = DATATYPES[datatype];
	const reduction = reduceOp === undefined ? undefined : REDUCE_OPS[reduceOp];
	return {
		...(element === undefined ? {} : { datatype: element.name }),
		count,
		...(element === undefined ? {} : { bytes: count * element.bytes }),
		...(reduction === undefined ? {} : { reduce_op: reduction }),
		...(peer === undefined ? {} : { peer_rank: peer }),
	};
}

function origin(pid: number, executable: bigint, graphs: Graphs): LaunchedGraph | undefined {
	const { graph, capturedOn, captureMode } = graphs.originOf(pid, executable);
	if (graph === undefined) return undefined;
	const mode = captureMode === undefined ? undefined : CAPTURE_MODES[captureMode];
	return {
		graph: graph.toString(),
		...(capturedOn === undefined ? {} : { captured_on: capturedOn.toString() }),
		...(mode === undefined ? {} : { capture_mode: mode }),
	};
}
