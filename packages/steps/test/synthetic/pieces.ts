import { type CompletedLedger, Ledger } from '../../src/index';

/** What lies behind one read-back of an engine. */
export interface Piece {
	/** Functions by number, with their blocks, in order. */
	readonly launches: readonly Launch[];
	/** Number of the graph replayed after them. */
	readonly graph?: number;
	/** Whether an iteration of the engine ends with it. */
	readonly isLast: boolean;
}

export type Launch = readonly [functionNumber: number, gridBlocks: number];

/** What all models end with, unless said otherwise. */
const ARGMAX = 1;
const KERNELS_A_LAYER = 12;

export function step(launches: readonly Launch[]): Piece {
	return { launches, isLast: true };
}

/** A piece that an iteration goes on after. */
export function part(launches: readonly Launch[]): Piece {
	return { launches, isLast: false };
}

export function replayedGraph(isLast = true): Piece {
	return { launches: [[ARGMAX, 1]], graph: 9, isLast };
}

export interface Model {
	readonly layers?: number;
	/** Its first function. */
	readonly model?: number;
	/** Its last one. */
	readonly last?: number;
}

/** A whole pass over a dense model, kernel by kernel. `tokens` makes its grids, `layers` its length. */
export function pass(tokens: number, { layers = 8, model = 100, last = ARGMAX }: Model = {}): Launch[] {
	return [
		[model, tokens],
		...repeat(layers, () => layer(tokens, model + 10)).flat(),
		[model + 1, tokens],
		[model + 2, 64],
		[last, 1],
	];
}

function layer(tokens: number, firstFunction: number, kernels = KERNELS_A_LAYER): Launch[] {
	return repeat(kernels, (i): Launch => [firstFunction + i, tokens * (1 + (i % 5))]);
}

/** A few kernels, the last of which is their own. */
export function few(firstFunction: number, launches: number): Launch[] {
	return repeat(launches, (i): Launch => [firstFunction + launches - i, 2]);
}

/**
 * An iteration of an eager mixture of experts that reads back twice in every layer: how many tokens go to each expert, then
 * which ones.
 *
 * @param tokensOf tokens of every expert that gets any, for each layer
 */
export function expertsIteration(tokens: number, tokensOf: readonly (readonly number[])[]): Piece[] {
	const pieces: Piece[] = [];
	let open: Launch[] = [[300, tokens]];
	for (const experts of tokensOf) {
		pieces.push(part([...open, ...layer(tokens, 310), [330, tokens], [331, 1]]), part(few(350, 2)));
		open = experts.flatMap((own) => layer(own, 340, 3));
	}
	pieces.push(step([...open, [303, tokens], [304, 64], [ARGMAX, 1]]));
	return pieces;
}

export function repeat<T>(times: number, make: (i: number) => T): T[] {
	return Array.from({ length: times }, (_, i) => make(i));
}

export interface LedgerOptions {
	readonly tid?: number;
	readonly rename?: (functionNumber: number) => number;
	/** When the piece with this number was completed. */
	readonly timeNs?: (i: number) => number;
}

/** The ledgers of pieces, as they are completed one after the other. Numbers that add are different in each. */
export function ledgersOf(pieces: readonly Piece[], options: LedgerOptions = {}): CompletedLedger[] {
	const { tid = 7, rename = (functionNumber) => functionNumber, timeNs = (i) => 1_000_000 * (i + 1) } = options;
	return pieces.map(({ launches, graph }, i) => {
		const ledger = new Ledger();
		const completedNs = timeNs(i);
		const firstWorkNs = completedNs - 900;
		for (const [functionNumber, gridBlocks] of launches)
			ledger.launch(firstWorkNs, rename(functionNumber), 0, gridBlocks);
		if (graph !== undefined) ledger.graphLaunch(firstWorkNs, rename(graph), 0);
		return {
			pid: 4000,
			tid,
			streamHandle: 7n,
			firstWorkNs,
			enqueuedNs: completedNs - 500,
			completedNs,
			launches: ledger.launches,
			graphLaunches: ledger.graphLaunches,
			gridBlocks: ledger.gridBlocks,
			memcpyBytes: 8 + i,
			hostToDeviceBytes: i,
			deviceToHostBytes: 8,
			ncclCalls: 0,
			allocs: i % 5,
			allocBytes: 512 * (i % 5),
			frees: i % 2,
			kernelFingerprint: ledger.fingerprint,
			lastFunction: ledger.lastFunction,
			functionSketch: ledger.sketch,
			launchesAhead: 0,
			launchesUnseen: false,
			lossy: i % 17 === 0,
			...(i === 0
				? {}
				: { evidence: { ...NO_EVIDENCE, spanNs: completedNs - timeNs(i - 1), waitNs: i, neighbourPid: i % 3 } }),
		};
	});
}

const NO_EVIDENCE = {
	spanNs: 0,
	runningNs: 0,
	runQueueNs: 0,
	lockNs: 0,
	blockedNs: 0,
	ioNs: 0,
	allocNs: 0,
	waitNs: 0,
	waitRunQueueNs: 0,
	behindSiblingNs: 0,
	siblingRunQueueNs: 0,
	otherCopiedBytes: 0,
	foreignLaunches: 0,
	neighbourSwitches: 0,
	neighbourPid: 0,
};
