import { OperationKind } from '@ingero/steps';
import type { FunctionFamily, ParameterPlace, ProbedFunction } from './probed-function';

/** `cu` or `cuda`: both layers have the same calls, and handles that mean the same. */
const endCapture = (name: string, code: number, family: FunctionFamily, kind: OperationKind): ProbedFunction => ({
	name,
	family,
	code,
	program: 'timed_call_entered',
	kind,
	perThreadSuffix: '_ptsz',
	args: ['stream', 'graph', 'return_code'],
	places: [1],
	stream: 1,
	out: { parameter: 2, argument: 1 },
	isTold: true,
});

const beginCapture = (
	name: string,
	code: number,
	family: FunctionFamily,
	kind: OperationKind,
	mode: ParameterPlace = 2,
): ProbedFunction => ({
	name,
	family,
	code,
	program: 'timed_call_entered',
	kind,
	perThreadSuffix: '_ptsz',
	args: ['stream', 'mode', 'return_code'],
	places: [1, mode],
	stream: 1,
	isTold: true,
});

const instantiate = (name: string, code: number, family: FunctionFamily): ProbedFunction => ({
	name,
	family,
	code,
	program: 'timed_call_entered',
	kind: family === 'driver' ? OperationKind.none : OperationKind.observed,
	...(name.endsWith('WithParams') ? { perThreadSuffix: '_ptsz' as const } : {}),
	args: ['graph', 'graph_exec', 'return_code'],
	places: [2],
	out: { parameter: 1, argument: 1 },
	isTold: true,
});

const destroy = (name: string, code: number, handle: 'graph' | 'graph_exec'): ProbedFunction => ({
	name,
	family: 'driver',
	code,
	program: 'call_entered',
	kind: OperationKind.none,
	args: [handle, '-', '-'],
	places: [1],
	isTold: true,
});

/** How a CUDA graph comes to be, from the stream that was captured to what is launched, and how it ends. */
export const DRIVER_GRAPH_FUNCTIONS: readonly ProbedFunction[] = [
	beginCapture('cuStreamBeginCapture_v2', 113, 'driver', OperationKind.captureBegin),
	beginCapture('cuStreamBeginCaptureToGraph', 119, 'driver', OperationKind.captureBegin, 6),
	endCapture('cuStreamEndCapture', 114, 'driver', OperationKind.captureEnd),
	instantiate('cuGraphInstantiateWithFlags', 115, 'driver'),
	instantiate('cuGraphInstantiateWithParams', 116, 'driver'),
	destroy('cuGraphExecDestroy', 117, 'graph_exec'),
	destroy('cuGraphDestroy', 118, 'graph'),
];

/** The same through the runtime, which calls the driver: seen, and without effect on ledgers. */
export const RUNTIME_GRAPH_FUNCTIONS: readonly ProbedFunction[] = [
	beginCapture('cudaStreamBeginCapture', 324, 'runtime', OperationKind.observed),
	beginCapture('cudaStreamBeginCaptureToGraph', 330, 'runtime', OperationKind.observed, 6),
	endCapture('cudaStreamEndCapture', 325, 'runtime', OperationKind.observed),
	instantiate('cudaGraphInstantiate', 326, 'runtime'),
	instantiate('cudaGraphInstantiateWithFlags', 327, 'runtime'),
	instantiate('cudaGraphInstantiateWithParams', 328, 'runtime'),
].map(({ isTold: _, ...probed }) => probed);
