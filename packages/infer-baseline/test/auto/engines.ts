import { uniform } from '../random';
import { type Labelled, type Model, stepOf } from './model';

/** Batch after batch: a prefill, then a decode for every token, as a loop around `generate` does. */
export function* generateLoop(model: Model, seed: number, options: { graph: boolean }): Generator<Labelled> {
	const random = uniform(seed);
	for (;;) {
		const sequences = 2 ** Math.floor(random() * 5);
		const prompt = Math.floor(64 + random() * 1500);
		yield {
			phase: 'prefill',
			ledger: stepOf(model, { tokens: sequences * prompt, sequences, context: sequences * prompt }),
		};
		const decodes = Math.floor(8 + random() * 60);
		for (let token = 1; token <= decodes; token++) {
			const context = sequences * (prompt + token);
			yield { phase: 'decode', ledger: stepOf(model, { tokens: sequences, sequences, context, graph: options.graph }) };
		}
	}
}

const TOKENS_A_STEP = 2048;

/** Requests that come and go; prompts are computed in chunks, in one step with the decodes of the others. */
export function* continuousBatching(model: Model, seed: number, options: { graph: boolean }): Generator<Labelled> {
	const random = uniform(seed);
	let waiting: number[] = [];
	let running: { left: number; context: number }[] = [];
	for (;;) {
		if (random() < 0.12) waiting.push(Math.floor(40 + random() * 1800));
		if (waiting.length + running.length === 0) continue;
		const decodes = running.length;
		let budget = TOKENS_A_STEP - decodes;
		let prefilled = 0;
		let started = 0;
		while (waiting.length > 0 && budget > 0) {
			const [prompt, ...others] = waiting as [number, ...number[]];
			const chunk = Math.min(prompt, budget);
			budget -= chunk;
			prefilled += chunk;
			if (chunk === prompt) {
				waiting = others;
				running.push({ left: Math.floor(5 + random() * 80), context: prompt });
				started += 1;
			} else {
				waiting = [prompt - chunk, ...others];
			}
		}
		const context = running.reduce((sum, request) => sum + request.context, 0);
		const phase = prefilled === 0 ? 'decode' : decodes === 0 ? 'prefill' : 'mixed';
		const shape = { tokens: decodes + prefilled, sequences: decodes + started, context, uploads: true };
		yield { phase, ledger: stepOf(model, { ...shape, graph: options.graph && phase === 'decode' }) };
		for (const request of running) {
			request.left -= 1;
			request.context += 1;
		}
		running = running.filter(({ left }) => left > 0);
	}
}

/** Requests that come and go; new ones are prefilled in steps of their own, before the decodes of all go on. */
export function* prefillFirst(model: Model, seed: number, options: { graph: boolean }): Generator<Labelled> {
	const random = uniform(seed);
	let running: { left: number; context: number }[] = [];
	for (;;) {
		const arriving = random() < 0.1 ? Math.floor(1 + random() * 4) : 0;
		if (arriving > 0) {
			const prompts = Array.from({ length: arriving }, () => Math.floor(40 + random() * 1000));
			const tokens = prompts.reduce((sum, prompt) => sum + prompt);
			yield {
				phase: 'prefill',
				ledger: stepOf(model, { tokens, sequences: arriving, context: tokens, uploads: true }),
			};
			running.push(...prompts.map((context) => ({ left: Math.floor(5 + random() * 80), context })));
		}
		if (running.length === 0) continue;
		const context = running.reduce((sum, request) => sum + request.context, 0);
		const shape = { tokens: running.length, sequences: running.length, context, uploads: true };
		yield { phase: 'decode', ledger: stepOf(model, { ...shape, graph: options.graph }) };
		running = running
			.map(({ left, context }) => ({ left: left - 1, context: context + 1 }))
			.filter(({ left }) => left > 0);
	}
}

/** The same batch again and again: forward, backward, optimizer, and a loss of four bytes. */
export function* training(model: Model): Generator<Labelled> {
	const step = stepOf(model, { tokens: 8192, sequences: 1, context: 8192, uploads: true });
	const ledger = { ...step, launches: 3 * step.launches, gridBlocks: 3 * step.gridBlocks, deviceToHostBytes: 4 };
	for (;;) yield { phase: 'train', ledger };
}

/** Batches of any size, each once, and a vector read back for every sequence. */
export function* embedding(model: Model, seed: number): Generator<Labelled> {
	const random = uniform(seed);
	for (;;) {
		const sequences = Math.floor(1 + random() * 32);
		const tokens = sequences * Math.floor(16 + random() * 400);
		const ledger = stepOf(model, { tokens, sequences, context: tokens });
		yield { phase: 'train', ledger: { ...ledger, deviceToHostBytes: 1024 * sequences } };
	}
}

export function take(
	steps: Generator<Labelled>,
	count: number,
	identity: { pid?: number; tid?: number } = {},
): Labelled[] {
	return Array.from({ length: count }, () => {
		const { ledger, phase } = steps.next().value as Labelled;
		return { phase, ledger: { ...ledger, ...identity } };
	});
}
