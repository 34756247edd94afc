import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventWords } from '../../test/synthetic/event';
import { Graphs } from './graphs';

const OPERATIONS = new Map(
	[
		{ name: 'cuStreamBeginCapture_v2', args: ['stream', 'mode', 'return_code'] },
		{ name: 'cuStreamBeginCapture_v2_ptsz', args: ['stream', 'mode', 'return_code'] },
		{ name: 'cuStreamBeginCaptureToGraph', args: ['stream', 'mode', 'return_code'] },
		{ name: 'cuStreamEndCapture', args: ['stream', 'graph', 'return_code'] },
		{ name: 'cuGraphInstantiateWithFlags', args: ['graph', 'graph_exec', 'return_code'] },
		{ name: 'cuGraphInstantiateWithParams', args: ['graph', 'graph_exec', 'return_code'] },
		{ name: 'cuGraphExecDestroy', args: ['graph_exec', '-', '-'] },
		{ name: 'cuGraphDestroy', args: ['graph', '-', '-'] },
		{ name: 'cudaGraphInstantiate', args: ['graph', 'graph_exec', 'return_code'] },
		{ name: 'cuStreamSynchronize', args: ['stream', '-', 'return_code'] },
	].map((operation, i) => [100 + i, operation] as const),
);
const PID = 10;
const [STREAM, OTHER, GRAPH, EXEC] = [0x7f00_0000_0100n, 0x7f00_0000_0200n, 0x5500_0000_0300n, 0x5500_0000_0400n];
const UNSEEN = { graph: undefined, capturedOn: undefined, captureMode: undefined };

type Call = readonly [name: string, ...args: (bigint | number)[]];

function observed(calls: readonly Call[], graphs = new Graphs(OPERATIONS), pid = PID): Graphs {
	for (const [name, ...args] of calls) graphs.observe(eventWords(OPERATIONS, name, pid, args), 0);
	return graphs;
}

const begin = (stream: bigint, mode = 0, result = 0): Call => ['cuStreamBeginCapture_v2', stream, mode, result];
const end = (stream: bigint, graph: bigint, result = 0): Call => ['cuStreamEndCapture', stream, graph, result];
const instantiate = (graph: bigint, exec: bigint, result = 0): Call => [
	'cuGraphInstantiateWithFlags',
	...[graph, exec, result],
];

describe('Graphs', () => {
	test.each(['cuStreamBeginCapture_v2', 'cuStreamBeginCapture_v2_ptsz', 'cuStreamBeginCaptureToGraph'])(
		'follows the chain from %s to what is launched',
		(name) => {
			for (const way of ['cuGraphInstantiateWithFlags', 'cuGraphInstantiateWithParams']) {
				const graphs = observed([[name, STREAM, 2, 0], end(STREAM, GRAPH), [way, GRAPH, EXEC, 0]]);
				expect(graphs.originOf(PID, EXEC)).toEqual({ graph: GRAPH, capturedOn: STREAM, captureMode: 2 });
			}
		},
	);

	test('keeps two captures at once apart, and two processes', () => {
		const graphs = observed([begin(STREAM, 0), begin(OTHER, 1), end(STREAM, GRAPH), end(OTHER, GRAPH + 1n)]);
		observed([instantiate(GRAPH, EXEC), instantiate(GRAPH + 1n, EXEC + 1n)], graphs);
		observed([instantiate(GRAPH, EXEC)], graphs, PID + 1);
		expect(graphs.originOf(PID, EXEC)).toEqual({ graph: GRAPH, capturedOn: STREAM, captureMode: 0 });
		expect(graphs.originOf(PID, EXEC + 1n)).toEqual({ graph: GRAPH + 1n, capturedOn: OTHER, captureMode: 1 });
		expect(graphs.originOf(PID + 1, EXEC)).toEqual({ ...UNSEEN, graph: GRAPH });
	});

	test('knows the graph of one that was built, or whose capture was not seen, and nothing of an unseen one', () => {
		expect(observed([instantiate(GRAPH, EXEC)]).originOf(PID, EXEC)).toEqual({ ...UNSEEN, graph: GRAPH });
		const late = observed([end(STREAM, GRAPH), instantiate(GRAPH, EXEC)]);
		expect(late.originOf(PID, EXEC)).toEqual({ graph: GRAPH, capturedOn: STREAM, captureMode: undefined });
		expect(late.originOf(PID, EXEC + 1n)).toEqual(UNSEEN);
		expect(late.originOf(PID + 1, EXEC)).toEqual(UNSEEN);
	});

	test('makes nothing of calls that failed', () => {
		const refused = observed([begin(STREAM, 1, 900), end(STREAM, 0n, 401), instantiate(0n, 0n, 1)]);
		expect(refused.originOf(PID, 0n)).toEqual(UNSEEN);
		// Without its begin the mode is not known; a capture that failed gives no graph.
		const failed = observed([begin(STREAM, 1), end(STREAM, 0n, 901), instantiate(GRAPH, EXEC)]);
		expect(failed.originOf(PID, EXEC)).toEqual({ ...UNSEEN, graph: GRAPH });
	});

	test('outlives the graph that it was made from, and ends with the executable', () => {
		const chain = [begin(STREAM), end(STREAM, GRAPH), instantiate(GRAPH, EXEC)];
		const graphs = observed([...chain, ['cuGraphDestroy', GRAPH, 0, 0]]);
		expect(graphs.originOf(PID, EXEC).capturedOn).toBe(STREAM);
		// What is made from a new graph of that address is another graph's.
		observed([instantiate(GRAPH, EXEC + 1n)], graphs);
		expect(graphs.originOf(PID, EXEC + 1n)).toEqual({ ...UNSEEN, graph: GRAPH });
		observed([['cuGraphExecDestroy', EXEC, 0, 0]], graphs);
		expect(graphs.originOf(PID, EXEC)).toEqual(UNSEEN);
	});

	test('forgets a process', () => {
		const graphs = observed([instantiate(GRAPH, EXEC)]);
		graphs.forgetProcess(PID);
		expect(graphs.originOf(PID, EXEC)).toEqual(UNSEEN);
	});

	test('does not look at the runtime, which calls the driver, nor at anything else', () => {
		const other = observed([
			['cudaGraphInstantiate', GRAPH, EXEC, 0],
			['cuStreamSynchronize', STREAM, 0, 0],
		]);
		expect(other.originOf(PID, EXEC)).toEqual(UNSEEN);
	});

	test('holds what the latest calls made, of a process that captures without end', () => {
		const made = 4200;
		const graphs = new Graphs(OPERATIONS);
		for (let i = 0n; i < made; i++) {
			observed([begin(STREAM, 1), end(STREAM, GRAPH + i), instantiate(GRAPH + i, EXEC + i)], graphs);
		}
		expect(graphs.originOf(PID, EXEC)).toEqual(UNSEEN);
		const last = BigInt(made) - 1n;
		expect(graphs.originOf(PID, EXEC + last)).toEqual({ graph: GRAPH + last, capturedOn: STREAM, captureMode: 1 });
	});

	test('tells the stream and mode of the latest capture that made a graph, whatever came between', () => {
		const capture = fc.record({ stream: fc.nat(3), mode: fc.nat(2), graph: fc.nat(5), hasFailed: fc.boolean() });
		fc.assert(
			fc.property(fc.array(capture, { maxLength: 30 }), (captures) => {
				const expected = new Map<number, { stream: number; mode: number }>();
				for (const { stream, mode, graph, hasFailed } of captures) {
					if (!hasFailed) expected.set(graph, { stream, mode });
				}
				const graphs = observed(
					captures.flatMap(({ stream, mode, graph, hasFailed }) => [
						begin(STREAM + BigInt(stream), mode),
						end(STREAM + BigInt(stream), hasFailed ? 0n : GRAPH + BigInt(graph), hasFailed ? 901 : 0),
					]),
				);
				for (const [graph, { stream, mode }] of expected) {
					const [handle, exec] = [GRAPH + BigInt(graph), EXEC + BigInt(graph)];
					observed([instantiate(handle, exec)], graphs);
					const origin = { graph: handle, capturedOn: STREAM + BigInt(stream), captureMode: mode };
					expect(graphs.originOf(PID, exec)).toEqual(origin);
				}
			}),
		);
	});
});
