import { type Phase, type StepLedger, stepLedger } from '../../src/index';
import { uniform } from '../random';
import { sketchOf } from '../serving-loop';

/** A ledger and what it was. */
export interface Labelled {
	readonly ledger: StepLedger;
	readonly phase: Phase | 'train';
}

/** A transformer, as far as its kernels show: every layer launches some, in grids that grow with the tokens. */
export interface Model {
	readonly seed: number;
	readonly layers: number;
	readonly kernelsPerLayer: number;
	/** Blocks that one kernel launches for one token. */
	readonly blocksPerToken: number;
	/** Kernels of a layer that are others when few tokens are computed: matrix times vector, split context. */
	readonly smallKernels: number;
}

export interface Shape {
	/** Tokens computed. */
	readonly tokens: number;
	/** Sequences that a token is sampled for, and how long they are together. */
	readonly sequences: number;
	readonly context: number;
	/** Replays a graph that was captured for the batch size. */
	readonly graph?: boolean;
	/** Uploads token by token, as a scheduler does. */
	readonly uploads?: boolean;
}

/** What the model enqueues for a step of this shape. */
export function stepOf(model: Model, shape: Shape): StepLedger {
	const { tokens, sequences, context } = shape;
	const hash = uniform(model.seed);
	const marks: number[] = [];
	let blocks = 0;
	const isSmall = tokens <= sequences;
	for (let kernel = 0; kernel < model.kernelsPerLayer; kernel++) {
		const isOther = isSmall && kernel < model.smallKernels;
		const name = Math.floor(hash() * 2 ** 32) ^ (isOther ? 0x55aa : 0);
		const perKernel = Math.ceil(tokens * model.blocksPerToken + (kernel === 0 ? context / 64 : 0));
		blocks += model.layers * perKernel;
		marks.push(markOf(name, perKernel));
	}
	const copied = { deviceToHostBytes: 8 * sequences, hostToDeviceBytes: shape.uploads ? 256 + 4 * tokens : 0 };
	if (shape.graph) {
		const functionSketch = sketchOf([markOf(model.seed, sequences), markOf(model.seed + 1, 1)]);
		return stepLedger({
			firstWorkNs: 0,
			completedNs: 0,
			launches: 2,
			graphLaunches: 1,
			gridBlocks: 2,
			...copied,
			functionSketch,
		});
	}
	return stepLedger({
		firstWorkNs: 0,
		completedNs: 0,
		launches: model.layers * model.kernelsPerLayer + (isSmall ? model.layers : 0),
		gridBlocks: blocks,
		...copied,
		functionSketch: sketchOf(marks),
	});
}

/** A mark for a function in a grid of this many blocks, as the sketch has it. */
export function markOf(name: number, blocks: number): number {
	const magnitude = 0xffff_ffff >>> Math.clz32(blocks | 1);
	return Math.imul(name ^ magnitude, 0x9e37_79b1) >>> 24;
}
