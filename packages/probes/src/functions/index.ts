import { DRIVER_FUNCTIONS } from './driver';
import { DRIVER_GRAPH_FUNCTIONS } from './graphs';
import { FOLLOWED_MEMORY_FUNCTIONS, MEMORY_FUNCTIONS } from './memory';
import { NCCL_FUNCTIONS } from './nccl';
import { type Operations, operationOf, type ProbedFunction } from './probed-function';
import { RUNTIME_FUNCTIONS } from './runtime';
import { SCHEDULER_OPERATIONS, STACK_OPERATIONS } from './scheduler';

export {
	type EntryProgram,
	type FunctionFamily,
	type Operations,
	operationOf,
	type ParameterPlace,
	type ProbedFunction,
	TIMED_PROGRAMS,
	UPROBE_PROGRAMS,
	uprobeAttachTypes,
} from './probed-function';

/** What a session probes beside the calls of the driver that make up steps. */
export interface ProbeChoice {
	/** Tell every call that takes or gives back device memory, whatever the admission. */
	readonly memory?: boolean | undefined;
	/** Probe the CUDA runtime as well. */
	readonly runtime?: boolean | undefined;
	/** Probe NCCL as well. */
	readonly nccl?: boolean | undefined;
	/** Deliver the stack of each admitted call. */
	readonly stacks?: boolean | undefined;
}

/** The functions of a choice; codes and names are unique among all. */
export function probedFunctions({ memory, runtime, nccl }: ProbeChoice = {}): readonly ProbedFunction[] {
	return [
		...DRIVER_FUNCTIONS,
		...DRIVER_GRAPH_FUNCTIONS,
		...(memory ? FOLLOWED_MEMORY_FUNCTIONS : MEMORY_FUNCTIONS),
		...(runtime ? RUNTIME_FUNCTIONS : []),
		...(nccl ? NCCL_FUNCTIONS : []),
	];
}

/** What the codes of such a session's events mean. */
export function probedOperations(choice: ProbeChoice = {}): Operations {
	return new Map([
		...probedFunctions(choice).map(operationOf),
		...SCHEDULER_OPERATIONS,
		...(choice.stacks ? STACK_OPERATIONS : []),
	]);
}
