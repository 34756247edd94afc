import type { OperationKind } from '@ingero/steps';

/** Whose functions they are: the CUDA driver's, the CUDA runtime's, NCCL's. */
export type FunctionFamily = 'driver' | 'runtime' | 'nccl';

/** The eBPF program (bpf/programs) that serves a function's entry. */
export type EntryProgram =
	| 'launch_kernel'
	| 'launch_kernel_ex'
	| 'call_entered'
	| 'timed_call_entered'
	| 'described_copy_entered'
	| 'runtime_launch_entered'
	| 'runtime_launch_ex_entered'
	| 'collective_entered'
	| 'communicator_entered';

/**
 * All programs of uprobes. They share a map of the object, so that the kernel wants them loaded for the same way of attaching.
 */
export const UPROBE_PROGRAMS = [
	'launch_kernel',
	'launch_kernel_ex',
	'call_entered',
	'timed_call_entered',
	'timed_call_returned',
	'described_copy_entered',
	'runtime_launch_entered',
	'runtime_launch_ex_entered',
	'collective_entered',
	'communicator_entered',
] as const;

/** Their `attachTypes`, for the object that holds them. @param multi the kernel has links for many sites */
export function uprobeAttachTypes(multi: boolean): Record<string, 'uprobe.multi'> {
	return multi ? Object.fromEntries(UPROBE_PROGRAMS.map((name) => [name, 'uprobe.multi' as const])) : {};
}

/** Programs whose functions are also probed where they return, to be timed or for what they give back. */
export const TIMED_PROGRAMS: ReadonlySet<EntryProgram> = new Set([
	'timed_call_entered',
	'described_copy_entered',
	'runtime_launch_entered',
	'runtime_launch_ex_entered',
	'collective_entered',
	'communicator_entered',
]);

/**
 * A parameter by its place in the C signature, 1 to 9: from the seventh on they lie on the stack on x86-64, from the
 * ninth on arm64. `defaultStream` where a call has no stream and uses stream 0; `area` is the fifth times the sixth;
 * `byValue` is an ncclUniqueId that is passed whole as the third, with the rank behind it.
 */
export type ParameterPlace = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 'defaultStream' | 'area' | 'byValue';

/** One function of a probed library, and what its call means. */
export interface ProbedFunction {
	readonly name: string;
	readonly family: FunctionFamily;
	/** Operation code in recordings. */
	readonly code: number;
	readonly program: EntryProgram;
	readonly kind: OperationKind;
	/** The per-thread default stream variant, a symbol of its own: `_ptsz`, or `_ptds` for blocking calls. */
	readonly perThreadSuffix?: '_ptsz' | '_ptds';
	/** Names of the three recorded arguments, `-` where unused; `return_code` is what the call returned. */
	readonly args: readonly [string, string, string];
	/** Where the recorded arguments are found; unused for launches, whose programs know. */
	readonly places: readonly (ParameterPlace | undefined)[];
	/** The third is an `int` or `unsigned int`, which leaves the upper half of its register undefined. */
	readonly lastArgIsInt?: true;
	readonly stream?: ParameterPlace;
	/** Size in bytes; of a collective the number of elements. */
	readonly bytes?: ParameterPlace;
	/** Of a collective: the communicator. */
	readonly comm?: 5 | 6 | 7;
	/** What the call writes where a parameter points to becomes an argument, or 0 when the call failed. */
	readonly out?: { readonly parameter: 1 | 2 | 3 | 4; readonly argument: 0 | 1 | 2 };
	/** Its calls also go among the ledgers, whatever the admission: somebody keeps book of what they make and end. */
	readonly isTold?: true;
	/** A process calls it a few times in its life: there a slow site harms nobody. */
	readonly isRare?: true;
	/** The second argument says whether this is the first call seen of its process: 1, else 0. */
	readonly asksFirst?: true;
}

/** A table of operations, by code: what goes with events and into the header of a recording. */
export type Operations = ReadonlyMap<number, { readonly name: string; readonly args: readonly string[] }>;

/** The row of such a table that says what a function's events mean. */
export function operationOf({ code, name, args }: ProbedFunction): [number, { name: string; args: readonly string[] }] {
	return [code, { name, args: [...args] }];
}
