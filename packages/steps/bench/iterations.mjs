/**
 * What finding iterations costs a piece that is a step by itself, as a ratio to the floor of the same run: reading as many
 * fields of each piece. Rounds are interleaved, and the fastest of each counts.
 *
 * Budget: 25 times the floor, about twice what it was when this was written, and no allocation. Fails beyond it.
 */
import { IterationFinder } from '../dist/index.js';

const PIECES = 1_000_000;
const ROUNDS = 8;
const BUDGET = 25;
const BYTES_A_PIECE = 1;

function piece(known) {
	return {
		pid: 1,
		tid: 1,
		launches: 170,
		graphLaunches: 0,
		gridBlocks: 12_000,
		ncclCalls: 0,
		kernelFingerprint: 0x1234_5678_9abc_def0n,
		lastFunction: 7,
		...known,
	};
}
const prefill = piece({ gridBlocks: 400_000, kernelFingerprint: 0x1fedn });
const decodes = (decode) => [prefill, ...Array.from({ length: 63 }, () => piece(decode))];
const loops = {
	'eager decodes': decodes({}),
	'graph decodes': decodes({ launches: 1, graphLaunches: 1, lastFunction: 9 }),
	'graphs and eager steps in turns': Array.from({ length: 64 }, (_, i) =>
		piece(i % 2 === 0 ? {} : { launches: 1, graphLaunches: 1, lastFunction: 9 }),
	),
};

let folded = 0;
function read(one) {
	folded ^= one.pid ^ one.tid ^ one.launches ^ one.graphLaunches ^ one.ncclCalls ^ one.lastFunction;
}

/** ns and bytes a piece. */
function measure(pieces, take) {
	gc();
	const heapBefore = process.memoryUsage().heapUsed;
	const before = process.cpuUsage();
	for (let i = 0; i < PIECES; i++) take(pieces[i % pieces.length]);
	const { user, system } = process.cpuUsage(before);
	return { ns: ((user + system) * 1000) / PIECES, bytes: (process.memoryUsage().heapUsed - heapBefore) / PIECES };
}

for (const [name, pieces] of Object.entries(loops)) {
	const finder = new IterationFinder(() => {});
	const best = { floor: Number.POSITIVE_INFINITY, finder: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
	for (let round = 0; round < ROUNDS; round++) {
		best.floor = Math.min(best.floor, measure(pieces, read).ns);
		const { ns, bytes } = measure(pieces, (one) => finder.piece(one));
		best.finder = Math.min(best.finder, ns);
		best.bytes = Math.min(best.bytes, bytes);
	}
	const ratio = best.finder / best.floor;
	console.log(
		`${name}: ${best.finder.toFixed(0)} ns a piece, ${ratio.toFixed(0)} x the floor of ${best.floor.toFixed(1)} ns, ${best.bytes.toFixed(2)} bytes`,
	);
	if (ratio > BUDGET || best.bytes > BYTES_A_PIECE) process.exitCode = 1;
}
if (folded === 1) console.log(); // read, so that reading is not optimised away
