import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompletedLedger } from '../src/index';
import { IterationFinder } from '../src/iterations/iteration-finder';
import {
	expertsIteration,
	few,
	type Launch,
	ledgersOf,
	type Piece,
	part,
	pass,
	repeat,
	replayedGraph,
	step,
} from './synthetic/pieces';

/** Steps as they are told, and after how many of the pieces. */
function find(ledgers: readonly CompletedLedger[]) {
	const steps: CompletedLedger[] = [];
	const toldAfter: number[] = [];
	let seen = 0;
	const finder = new IterationFinder((found) => {
		steps.push(found);
		toldAfter.push(seen);
	});
	for (const ledger of ledgers) {
		seen += 1;
		finder.piece(ledger);
	}
	finder.end();
	return { steps, toldAfter };
}

/** The last pieces of the steps found, by number, and of the iterations made. */
const endsOf = (steps: readonly CompletedLedger[]) => steps.map(({ completedNs }) => completedNs / 1_000_000 - 1);
const lastPieces = (pieces: readonly Piece[]) => pieces.flatMap(({ isLast }, i) => (isLast ? [i] : []));

/** Steps that end with another piece than an iteration does, or iterations that end without one, after the first `known`. */
function wrong(pieces: readonly Piece[], known: number) {
	const made = lastPieces(pieces);
	const from = (made[known - 1] ?? -1) + 1;
	const found = endsOf(find(ledgersOf(pieces)).steps).filter((at) => at >= from);
	return {
		made: made.filter((at) => at >= from && !found.includes(at)),
		found: found.filter((at) => !made.includes(at)),
	};
}
const NONE = { made: [], found: [] };

const prompt = fc.integer({ min: 16, max: 2000 });
const batch = fc.integer({ min: 1, max: 8 });
const seed = fc.array(fc.nat(2 ** 20), { minLength: 1, maxLength: 40 });
const pick = (from: readonly number[], i: number, low: number, high: number) =>
	low + ((from[i % from.length] as number) % (high - low + 1));

describe('an engine that reads back once an iteration', () => {
	const decode: Record<string, (tokens: number) => Piece> = {
		'launches kernels': (tokens) => step(pass(tokens)),
		'replays graphs': () => replayedGraph(),
		'launches compiled kernels': (tokens) => step(pass(tokens, { layers: 2 })),
	};
	const prefill: Record<string, (tokens: number) => Piece> = {
		'ends as its decodes': (tokens) => step(pass(tokens)),
		'ends otherwise': (tokens) => step(pass(tokens, { last: 2 })),
		'is far longer': (tokens) => step(pass(tokens, { layers: 40 })),
	};
	const loop = fc.record({
		decode: fc.constantFrom(...Object.keys(decode)),
		prefill: fc.constantFrom(...Object.keys(prefill)),
		batch,
		// One prefill and one decode in turns are a pass and its companion, to all that can be seen.
		requests: fc.array(fc.record({ prompt, decodes: fc.integer({ min: 2, max: 40 }) }), {
			minLength: 1,
			maxLength: 30,
		}),
		fixedDecodes: fc.option(fc.integer({ min: 2, max: 40 })),
	});

	test('makes the steps it always made, with requests of equal length or not', () => {
		fc.assert(
			fc.property(loop, ({ requests, fixedDecodes, batch: tokens, ...kinds }) => {
				const pieces = requests.flatMap(({ prompt: length, decodes }) => [
					(prefill[kinds.prefill] as (typeof prefill)[string])(length * tokens),
					...repeat(fixedDecodes ?? decodes, () => (decode[kinds.decode] as (typeof decode)[string])(tokens)),
				]);
				const ledgers = ledgersOf(pieces);
				const { steps, toldAfter } = find(ledgers);
				expect(steps).toEqual(ledgers);
				// The first decode may be taken for a companion of the prefill, at first sight.
				const late = toldAfter.filter((after, i) => after !== i + 1);
				expect(late).toEqual(late.slice(0, 1));
				expect(toldAfter.every((after, i) => after <= i + 2)).toBe(true);
			}),
			{ numRuns: 300 },
		);
	});

	test('also where the first decode of a request has more to do than the others', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 4, max: 40 }), (length, decodes) => {
				const pieces = repeat(20, () => [
					step(pass(length, { last: 2 })),
					step([...few(900, 6), ...pass(1)]),
					...repeat(decodes, () => step(pass(1))),
				]).flat();
				expect(endsOf(find(ledgersOf(pieces)).steps)).toEqual(lastPieces(pieces));
			}),
		);
	});

	test('also a training loop with an evaluation after as many steps, always', () => {
		fc.assert(
			fc.property(fc.integer({ min: 4, max: 60 }), (steps) => {
				const pieces = repeat(8, () => [
					step([...few(900, 4), ...pass(64)]),
					...repeat(steps, () => step(pass(64))),
					step(pass(64, { layers: 6, last: 3 })),
				]).flat();
				expect(endsOf(find(ledgersOf(pieces)).steps)).toEqual(lastPieces(pieces));
			}),
		);
	});

	test('also with graphs and kernels in turns, as chunked prefill makes them', () => {
		fc.assert(
			fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), fc.boolean(), (isMixed, inTurns) => {
				const pieces = isMixed.map((mixed, i) => ((inTurns ? i % 2 > 0 : mixed) ? step(pass(200)) : replayedGraph()));
				expect(endsOf(find(ledgersOf(pieces)).steps)).toEqual(lastPieces(pieces));
			}),
		);
	});
});

describe('an iteration that reads back several times is one step, soon', () => {
	/** Requests of 8 to 30 decodes. */
	const requests = (from: readonly number[], iteration: (tokens: number, i: number) => Piece[]) =>
		repeat(12, (i) => [
			...iteration(pick(from, i, 32, 900), 0),
			...repeat(pick(from, i + 1, 8, 30), (j) => iteration(1, 100 * i + j + 1)).flat(),
		]).flat();
	const pattern = (iteration: (tokens: number) => Piece[], known: number, numRuns = 30) => {
		fc.assert(
			fc.property(seed, (from) => {
				expect(wrong(requests(from, iteration), known)).toEqual(NONE);
			}),
			{ numRuns },
		);
	};

	test('a sampler that reads back twice', () => pattern((tokens) => [part(pass(tokens)), step(few(700, 17))], 4));
	test('and three times', () => pattern((tokens) => [part(pass(tokens)), part(few(700, 17)), step(few(800, 5))], 4));
	test('a check before the pass', () => pattern((tokens) => [part(few(600, 9)), step(pass(tokens))], 1));
	test('a check before the pass and a sampler after it', () =>
		pattern((tokens) => [part(few(600, 9)), part(pass(tokens)), step(few(700, 17))], 4));

	test('a sampler is one step with its pass from the first on, if not yet with the right one', () => {
		const pieces = repeat(5, () => [part(pass(1)), step(few(700, 17))]).flat();
		expect(endsOf(find(ledgersOf(pieces)).steps)).toEqual([0, 2, 4, 7, 9]);
	});

	test('a log every now and then, from the first one on', () => {
		fc.assert(
			fc.property(fc.integer({ min: 3, max: 50 }), (every) => {
				const pieces = repeat(200, (i) => [
					...(i % every === every - 1 ? [part(few(900, 2))] : []),
					step(pass(8)),
				]).flat();
				expect(wrong(pieces, 0)).toEqual(NONE);
			}),
		);
	});

	test('experts: any number of layers, of experts that get tokens, and of tokens', () => {
		fc.assert(
			fc.property(seed, fc.integer({ min: 4, max: 40 }), fc.integer({ min: 2, max: 64 }), (from, layers, experts) => {
				const iteration = (tokens: number, i: number) =>
					expertsIteration(
						tokens,
						repeat(layers, (l) =>
							repeat(pick(from, i + 3 * l, 1, Math.min(experts, 2 * tokens)), (e) => pick(from, i + l + e, 1, tokens)),
						),
					);
				expect(wrong(requests(from, iteration), 4)).toEqual(NONE);
			}),
			{ numRuns: 30 },
		);
	});

	test('experts that read back once a layer', () => {
		const routing = repeat(8, () => [1, 2]);
		pattern((tokens) => joinedInPairs(expertsIteration(tokens, routing)), 2, 20);
	});

	test('experts with a check before or a sampler after', () => {
		const routing = repeat(8, () => [1, 2]);
		pattern((tokens) => [part(few(600, 9)), ...expertsIteration(tokens, routing)], 4, 20);
		pattern(
			(tokens) => [...expertsIteration(tokens, routing).map(({ launches }) => part(launches)), step(few(700, 9))],
			4,
			20,
		);
	});

	test('speculative decoding that reads back every drafted token, after a few requests', () => {
		fc.assert(
			fc.property(seed, fc.integer({ min: 2, max: 12 }), (from, drafts) => {
				const pieces = repeat(12, (i) => [
					step(pass(pick(from, i, 32, 900), { layers: 16 })),
					...repeat(pick(from, i + 1, 5, 20), () => [
						...repeat(drafts, () => part(pass(1, { layers: 2, model: 500, last: 2 }))),
						step(pass(drafts + 1, { layers: 16 })),
					]).flat(),
				]).flat();
				expect(wrong(pieces, 70)).toEqual(NONE);
			}),
		);
	});

	test('and is told when its last piece comes', () => {
		const routing = repeat(8, () => [1, 2]);
		const pieces = repeat(40, () => expertsIteration(1, routing)).flat();
		const { steps, toldAfter } = find(ledgersOf(pieces));
		expect(toldAfter).toEqual(endsOf(steps).map((at) => at + 1));
	});
});

/** The pieces of experts, two of a layer as one. */
function joinedInPairs(pieces: readonly Piece[]): Piece[] {
	return pieces.flatMap((piece, i) => {
		if (piece.isLast) return piece;
		return i % 2 === 0 ? part([...piece.launches, ...(pieces[i + 1] as Piece).launches]) : [];
	});
}

/** Anything: patterns of a few pieces that repeat, one after the other. */
const alphabet: Piece[] = [
	step(pass(1)),
	step(pass(300)),
	step(pass(1, { last: 2 })),
	step(pass(4, { layers: 30 })),
	replayedGraph(),
	part(few(600, 2)),
	part(few(700, 17)),
	...expertsIteration(
		1,
		repeat(5, () => [1, 1]),
	),
];
const anyPieces = fc
	.array(
		fc.tuple(fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 14 }), fc.integer({ min: 1, max: 8 })),
		{ maxLength: 8 },
	)
	.map((patterns) => patterns.flatMap(([pieces, times]) => repeat(times, () => pieces).flat()));

describe('whatever comes', () => {
	test('each piece is in exactly one step, with all it counted, at the end too', () => {
		fc.assert(
			fc.property(anyPieces, (pieces) => {
				const ledgers = ledgersOf(pieces);
				const { steps } = find(ledgers);
				let next = 0;
				for (const found of steps) {
					const from = next;
					while (next < ledgers.length && (ledgers[next] as CompletedLedger).completedNs <= found.completedNs)
						next += 1;
					expect(found).toEqual(sumOf(pieces.slice(from, next), ledgers.slice(from, next)));
				}
				expect(next).toBe(ledgers.length);
			}),
			{ numRuns: 300 },
		);
	});

	test('names of functions do not matter', () => {
		fc.assert(
			fc.property(anyPieces, fc.nat(2 ** 20), (pieces, offset) => {
				const renamed = ledgersOf(pieces, { rename: (functionNumber) => 2 ** 31 - 977 * (functionNumber + offset) });
				expect(endsOf(find(renamed).steps)).toEqual(endsOf(find(ledgersOf(pieces)).steps));
			}),
		);
	});

	test('nor does time', () => {
		fc.assert(
			fc.property(anyPieces, seed, (pieces, from) => {
				const timesNs: number[] = [];
				for (let i = 0; i < pieces.length; i++) timesNs.push((timesNs[i - 1] ?? 0) + 1000 + pick(from, i, 0, 2 ** 20));
				const launches = (ledgers: CompletedLedger[]) => find(ledgers).steps.map((found) => found.launches);
				expect(launches(ledgersOf(pieces, { timeNs: (i) => timesNs[i] ?? 0 }))).toEqual(launches(ledgersOf(pieces)));
			}),
		);
	});

	test('two threads together are the two apart', () => {
		fc.assert(
			fc.property(
				anyPieces,
				anyPieces,
				fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
				(one, other, turns) => {
					const waiting = [ledgersOf(one), ledgersOf(other, { tid: 8 })];
					const apart = waiting.map((ledgers) => find(ledgers).steps);
					const together: CompletedLedger[] = [];
					for (let i = 0; waiting.some(({ length }) => length > 0); i++) {
						const turn = turns[i % turns.length] ? 0 : 1;
						const next = waiting[turn]?.shift() ?? waiting[1 - turn]?.shift();
						together.push(next as CompletedLedger);
					}
					const { steps } = find(together);
					expect([7, 8].map((tid) => steps.filter((found) => found.tid === tid))).toEqual(apart);
				},
			),
		);
	});

	test('the end of a process tells what was held, and forgets it', () => {
		const routing = repeat(8, () => [1, 2]);
		const iteration = ledgersOf(repeat(4, () => expertsIteration(1, routing)).flat());
		const steps: CompletedLedger[] = [];
		const finder = new IterationFinder((found) => steps.push(found));
		for (const ledger of iteration.slice(0, -1)) finder.piece(ledger);
		const before = steps.length;
		finder.processExited(4000);
		expect(steps.slice(before).map(({ completedNs }) => completedNs)).toEqual([iteration.at(-2)?.completedNs]);
		finder.piece(iteration[0] as CompletedLedger);
		expect(steps.at(-1)).toBe(iteration[0]);
		finder.end();
		expect(steps).toHaveLength(before + 2);
	});
});

/** What pieces are together, from their launches. */
function sumOf(pieces: readonly Piece[], ledgers: readonly CompletedLedger[]): CompletedLedger {
	const [together] = ledgersOf([
		{ launches: pieces.flatMap(({ launches }): readonly Launch[] => launches), isLast: true },
	]);
	const first = ledgers[0] as CompletedLedger;
	const last = ledgers.at(-1) as CompletedLedger;
	const sum = (
		field:
			| 'graphLaunches'
			| 'memcpyBytes'
			| 'hostToDeviceBytes'
			| 'deviceToHostBytes'
			| 'allocs'
			| 'allocBytes'
			| 'frees',
	) => ledgers.reduce((total, ledger) => total + ledger[field], 0);
	const evidence = ledgers.flatMap((ledger) => ledger.evidence ?? []);
	return {
		...(together as CompletedLedger),
		firstWorkNs: first.firstWorkNs,
		enqueuedNs: last.enqueuedNs,
		completedNs: last.completedNs,
		graphLaunches: sum('graphLaunches'),
		memcpyBytes: sum('memcpyBytes'),
		hostToDeviceBytes: sum('hostToDeviceBytes'),
		deviceToHostBytes: sum('deviceToHostBytes'),
		allocs: sum('allocs'),
		allocBytes: sum('allocBytes'),
		frees: sum('frees'),
		lastFunction: last.lastFunction,
		functionSketch: (together as CompletedLedger).functionSketch.map((word, i) =>
			ledgers.reduce((bits, { functionSketch }) => bits | (functionSketch[i] as number), word),
		),
		lossy: ledgers.some(({ lossy }) => lossy),
		...(evidence.length === 0
			? {}
			: {
					evidence: {
						...(evidence[0] as NonNullable<CompletedLedger['evidence']>),
						spanNs: evidence.reduce((total, { spanNs }) => total + spanNs, 0),
						waitNs: evidence.reduce((total, { waitNs }) => total + waitNs, 0),
						neighbourPid: evidence.findLast(({ neighbourPid }) => neighbourPid !== 0)?.neighbourPid ?? 0,
					},
				}),
	};
}
