/**
 * What reading a step costs: from the words of the ledger ring to the completed ledger with its evidence, without a
 * kernel. As a ratio to the floor of the same run, reading the same words once; rounds are interleaved, and the best
 * decile of each counts.
 *
 * Budget: 25 times the floor and 1600 bytes, about twice what it was when this was written. Fails beyond it.
 */
import { LedgerReader, probedOperations } from '@ingero/probes';
import { SourceClock } from '@ingero/steps';
import { LedgerRecords } from '../test/helpers/ledger-records.ts';

/** Steps a round: ten milliseconds of a hundred thousand a second. */
const STEPS = 1000;
const STEP_NS = 10_000;
const ROUNDS = 2000;
/** Not counted: until then the code is compiled. */
const WARM_UP = 500;
const WINDOW_NS = 10_000_000;
const BUDGET = 25;
const BYTES_A_STEP = 1600;

const operations = probedOperations();
const codeOf = (wanted) => [...operations].find(([, { name }]) => name === wanted)[0];
const READ_BACK = codeOf('cuMemcpyDtoHAsync_v2');
const WAIT = codeOf('cuStreamSynchronize');
const STREAM = 0x7f3a_5c00_1e80;
const THREAD = { pid: 4242, tid: 4243 };

/** A program that launches, reads back and waits, all the time. */
const records = new LedgerRecords(256 * STEPS);
function write(round) {
	records.clear();
	for (let i = 0; i < STEPS; i++) {
		const steps = round * STEPS + i;
		const beganNs = (steps + 1) * STEP_NS;
		const readBack = { tNs: beganNs + 2000, ...THREAD };
		const times = (waits) => [0, 0, 0, 0, 0, 0, 1500 * waits, 0, 4 * steps, 0, 4 * steps, steps, 2 * steps, 0, 0];
		const ledger = [beganNs, 170, 0, 12_000, 256, 4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0x9_8765_4321_0fed];
		records.ledgerPart(readBack, STREAM, ledger, [1, 2, 3, 4, 5, 6, 7, 8], 0x9234_5678);
		records.edgeWithTimes(readBack, READ_BACK, [0x7f00, STREAM, 4], times(steps));
		const wait = { tNs: beganNs + 4000, durationNs: 1500, ...THREAD };
		records.edgeWithTimes(wait, WAIT, [STREAM], times(steps + 1));
	}
}

let launches = 0;
const reader = new LedgerReader({
	clock: new SourceClock(0n),
	operations,
	windowNs: WINDOW_NS,
	consumer: { completed: (ledger) => (launches += ledger.launches), processExited: () => {} },
	wasWatched: () => true,
	onExit: () => {},
});

let folded = 0;
function readOnce(words) {
	for (let i = 0; i < words.length; i++) folded ^= words[i];
}

function readSteps(words, round) {
	reader.read(words, words.length);
	reader.advance((round + 1) * STEPS * STEP_NS);
}

/** ns of CPU time, and bytes allocated, a step. */
function measure(take, round) {
	const { words } = records;
	const heapBefore = process.memoryUsage().heapUsed;
	const before = process.cpuUsage();
	take(words, round);
	const { user, system } = process.cpuUsage(before);
	return { ns: ((user + system) * 1000) / STEPS, bytes: (process.memoryUsage().heapUsed - heapBefore) / STEPS };
}

const quantile = (samples, fraction) => samples.toSorted((a, b) => a - b)[Math.floor(samples.length * fraction)];

const floors = [];
const steps = [];
for (let round = 0; round < WARM_UP + ROUNDS; round++) {
	write(round);
	floors.push(measure(readOnce, round));
	steps.push(measure(readSteps, round));
}
reader.end();
if (launches !== 170 * STEPS * (WARM_UP + ROUNDS)) throw new Error(`${launches} launches came out: steps are missing`);

const best = (measured) =>
	quantile(
		measured.slice(WARM_UP).map(({ ns }) => ns),
		0.1,
	);
const median = (measured) =>
	quantile(
		measured.slice(WARM_UP).map(({ ns }) => ns),
		0.5,
	);
// A collection of garbage makes a round's number negative.
const bytes = quantile(
	steps
		.slice(WARM_UP)
		.map((step) => step.bytes)
		.filter((count) => count > 0),
	0.5,
);
const ratio = best(steps) / best(floors);
console.log(
	`${best(steps).toFixed(0)} ns a step (median ${median(steps).toFixed(0)}), ${ratio.toFixed(1)} x the floor of ${best(floors).toFixed(0)} ns, ${bytes.toFixed(0)} bytes`,
);
if (ratio > BUDGET || bytes > BYTES_A_STEP) process.exitCode = 1;
if (folded === 1) console.log(); // read, so that reading is not optimised away
