import { stepLedger } from '../../src/index';
import { uniform } from '../random';
import { sketchOf } from '../serving-loop';
import { type Labelled, type Model, markOf } from './model';

const MS = 1e6;

/** One step of a compiled program. */
interface Shape {
	/** Its kernels are others than those of another number. */
	readonly program: number;
	/** Blocks of its average launch. */
	readonly blocks: number;
	readonly deviceToHostBytes: number;
	readonly workMs: number;
}

/** A thread whose programs launch as many kernels, be what they may; keeps the time. */
class CompiledThread {
	readonly #model: Model;
	#nowNs = 1e9;

	constructor(model: Model) {
		this.#model = model;
	}

	step(phase: Labelled['phase'], { program, blocks, deviceToHostBytes, workMs }: Shape): Labelled {
		const { seed, layers, kernelsPerLayer } = this.#model;
		const hash = uniform(seed + program);
		// Every other kernel has the same grid whatever the batch.
		const marks = Array.from({ length: kernelsPerLayer + 8 }, (_, i) =>
			markOf(Math.floor(hash() * 2 ** 32), i % 2 === 0 ? blocks : 1),
		);
		const firstWorkNs = this.#nowNs + 0.1 * MS;
		this.#nowNs = firstWorkNs + workMs * MS;
		const launches = layers * kernelsPerLayer;
		const ledger = stepLedger({
			firstWorkNs,
			completedNs: this.#nowNs,
			launches,
			gridBlocks: launches * blocks,
			deviceToHostBytes,
			functionSketch: sketchOf(marks),
		});
		return { phase, ledger };
	}
}

/**
 * Batch after batch through a compiled model with a cache of fixed size: prefill and decode launch as many kernels, and the grids of
 * a decode follow from the cache, so that a prefill may have smaller ones.
 *
 * @param slower how many times as long as a decode a prefill takes at least, and at most thrice that
 */
export function* compiledLoop(model: Model, seed: number, slower = 20): Generator<Labelled> {
	const random = uniform(seed);
	const thread = new CompiledThread(model);
	for (;;) {
		const sequences = random() < 0.6 ? 1 : 4;
		const deviceToHostBytes = 8 * sequences;
		const blocks = 600 * sequences;
		const promptBlocks = Math.ceil(blocks * (0.1 + 1.8 * random()));
		const promptMs = 2 * slower * (1 + 2 * random());
		yield thread.step('prefill', { program: 1, blocks: promptBlocks, deviceToHostBytes, workMs: promptMs });
		const decodes = Math.floor(10 + random() * 60);
		for (let token = 0; token < decodes; token++) {
			yield thread.step('decode', { program: 2, blocks, deviceToHostBytes, workMs: 2 + 0.4 * random() });
		}
	}
}

/** The odd one out of {@link compiledBatches}, where the others have 32 sequences and take 20 ms. */
export interface OddBatch {
	readonly sequences: number;
	readonly firstMs: number;
	/** From the second one on. */
	readonly workMs: number;
	/** Read back for every sequence; 0: a loss of 4 bytes for all. */
	readonly bytesEach: number;
}

/** Epochs of equal batches with an odd one at the end, for which there are other kernels. */
export function* compiledBatches(model: Model, seed: number, odd: OddBatch): Generator<Labelled> {
	const random = uniform(seed);
	const thread = new CompiledThread(model);
	const step = (program: number, sequences: number, workMs: number) => {
		const deviceToHostBytes = Math.max(4, sequences * odd.bytesEach);
		const noisyMs = workMs * (1 + 0.1 * random());
		return thread.step('train', { program, blocks: 100 * sequences, deviceToHostBytes, workMs: noisyMs });
	};
	for (let oddMs = odd.firstMs; ; oddMs = odd.workMs) {
		const batches = Math.floor(10 + random() * 40);
		for (let batch = 0; batch < batches; batch++) yield step(1, 32, 20);
		yield step(2, odd.sequences, oddMs);
	}
}
