import { OP, PID } from '../event-record';
import { handleValue } from '../handle';
import type { OperationDescription } from '../operations';

const ARG0 = 6;
const SUFFIX = /_ptsz$/;
/** Graphs remembered of a process; engines capture one for every batch size. */
const CAPACITY = 4096;

/** How a graph came to be that is launched. */
export interface GraphOrigin {
	/** Handle of the graph that was instantiated; undefined when that was not seen. */
	readonly graph: bigint | undefined;
	/** The stream that was captured; undefined for a graph that was built, or whose capture was not seen. */
	readonly capturedOn: bigint | undefined;
	/** CUstreamCaptureMode: 0 global, 1 of the thread, 2 relaxed; undefined like `capturedOn`. */
	readonly captureMode: number | undefined;
}

interface ProcessGraphs {
	/** Stream → mode of the capture that has begun there. */
	readonly captures: Map<bigint, number>;
	/** Graph → the capture it came from. */
	readonly graphs: Map<bigint, { readonly stream: bigint; readonly mode: number | undefined }>;
	/** Executable graph → graph. */
	readonly executables: Map<bigint, GraphOrigin>;
}

/** The chain behind every graph launch: begin of capture, end of capture, instantiation, launch, within one process. */
export class Graphs {
	readonly #operations: ReadonlyMap<number, OperationDescription>;
	readonly #processes = new Map<number, ProcessGraphs>();

	constructor(operations: ReadonlyMap<number, OperationDescription>) {
		this.#operations = operations;
	}

	/** Takes a call of the driver from a raw event, 12 words from `at` on; anything else has no effect. */
	observe(words: Uint32Array, at: number): void {
		const name = this.#operations.get(words[at + OP] as number)?.name.replace(SUFFIX, '');
		if (name === undefined || !/^cu(Stream|Graph)/.test(name)) return;
		const argument = (place: number) =>
			handleValue(words[at + ARG0 + 2 * place] as number, words[at + ARG0 + 2 * place + 1] as number);
		const own = this.#of(words[at + PID] as number);
		const failed = (words[at + ARG0 + 4] as number) !== 0;
		switch (name) {
			case 'cuStreamBeginCapture_v2':
			case 'cuStreamBeginCaptureToGraph':
				if (!failed) remember(own.captures, argument(0), words[at + ARG0 + 2] as number);
				return;
			case 'cuStreamEndCapture': {
				const mode = own.captures.get(argument(0));
				own.captures.delete(argument(0));
				if (!failed) remember(own.graphs, argument(1), { stream: argument(0), mode });
				return;
			}
			case 'cuGraphInstantiateWithFlags':
			case 'cuGraphInstantiateWithParams': {
				if (failed) return;
				const capture = own.graphs.get(argument(0));
				remember(own.executables, argument(1), {
					graph: argument(0),
					capturedOn: capture?.stream,
					captureMode: capture?.mode,
				});
				return;
			}
			case 'cuGraphDestroy':
				own.graphs.delete(argument(0));
				return;
			case 'cuGraphExecDestroy':
				own.executables.delete(argument(0));
		}
	}

	/** Where an executable graph comes from. */
	originOf(pid: number, executable: bigint): GraphOrigin {
		return (
			this.#processes.get(pid)?.executables.get(executable) ?? {
				graph: undefined,
				capturedOn: undefined,
				captureMode: undefined,
			}
		);
	}

	forgetProcess(pid: number): void {
		this.#processes.delete(pid);
	}

	#of(pid: number): ProcessGraphs {
		let own = this.#processes.get(pid);
		if (own === undefined) {
			own = { captures: new Map(), graphs: new Map(), executables: new Map() };
			this.#processes.set(pid, own);
		}
		return own;
	}
}

function remember<V>(map: Map<bigint, V>, key: bigint, value: V): void {
	if (!map.has(key) && map.size >= CAPACITY) map.delete(map.keys().next().value as bigint);
	map.set(key, value);
}
