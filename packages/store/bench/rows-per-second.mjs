/**
 * Rows a second through the store against the floor: a bare loop over one prepared statement on the main thread, the
 * same values into a table without any index, a thousand rows a transaction, the same journal settings.
 *
 * Rounds are interleaved, and the best and the median of each are printed. `main thread` is what appending itself
 * costs the caller.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Store } from '../dist/index.js';

const ROUNDS = 7;
const BATCH = 1000;
const STEPS = 50_000;
const EVENTS = 200_000;

const folder = mkdtempSync(join(tmpdir(), 'ingero-bench-'));
let files = 0;

const step = {
	pid: 4242,
	tid: 4243,
	cgroupPathHash: 'e916b463d100201c',
	streamHandle: 0x7f3a5c001e80n,
	phase: 'decode',
	startNs: 5_000_000_000n,
	endNs: 5_005_000_000n,
	stepDurationNs: 5_000_000,
	launchCount: 533,
	graphLaunchCount: 0,
	gridBlocks: 17_056,
	memcpyBytes: 4096,
	bucket: null,
	ratio: 1.02,
	expectedNs: 4_700_000,
	thresholdNs: 4_800_000,
	baselineP95Ns: 4_900_000.5,
	warmed: true,
};
const stepBatch = new Array(BATCH).fill(step);

const eventBytes = new Uint8Array(BATCH * 48);
const eventWords = new Uint32Array(eventBytes.buffer);
let eventClockNs = 0;

/** The next thousand events, 5 us apart. */
function nextEvents() {
	for (let word = 0; word < eventWords.length; word += 12) {
		eventClockNs += 5000;
		eventWords.set([eventClockNs % 2 ** 32, eventClockNs / 2 ** 32, 1800, 4242, 4243, 3, 0x5c001e80, 0x7f3a], word);
		eventWords.set([0x5c002000, 0x7f3a, 262_272, 0], word + 8);
	}
	return eventBytes;
}

function floor(columns, rows, values) {
	const database = new Database(join(folder, `${files++}.db`));
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
	database.exec(`CREATE TABLE bare (${columns.map((column) => `${column} NOT NULL`).join(', ')})`);
	const insert = database.prepare(`INSERT INTO bare VALUES (${columns.map(() => '?').join(', ')})`);
	const begin = performance.now();
	for (let row = 0; row < rows; ) {
		database.exec('BEGIN');
		for (const end = row + BATCH; row < end; row++) {
			insert.run(values(row));
		}
		database.exec('COMMIT');
	}
	const ms = performance.now() - begin;
	database.close();
	return { rowsPerSecond: (rows / ms) * 1000 };
}

async function through(rows, next, append, item) {
	const store = await Store.open({ path: join(folder, `${files++}.db`), session: {} });
	let appendMs = 0;
	const begin = performance.now();
	for (let row = 0; row < rows; row += BATCH) {
		const batch = next();
		const start = performance.now();
		append(store, batch);
		appendMs += performance.now() - start;
		// Like a drain timer: the queue is never allowed to overflow here, since lost rows would look fast.
		while (store.counters()[item].queued > 8 * BATCH) {
			await new Promise(setImmediate);
		}
	}
	await store.flush();
	const ms = performance.now() - begin;
	if (store.counters()[item].written !== rows) {
		throw new Error(`lost rows: ${JSON.stringify(store.counters()[item])}`);
	}
	await store.close();
	return { rowsPerSecond: (rows / ms) * 1000, appendNs: (appendMs * 1e6) / rows };
}

const integers = (count) => Array.from({ length: count }, (_, index) => `c${index} INTEGER`);
const stepColumns = [...integers(16), 'c16 REAL', 'c17 REAL'];
const measured = {
	'steps, floor': () =>
		floor(stepColumns, STEPS, (row) => [
			1,
			row,
			4242,
			4243,
			'e916b463d100201c',
			0x7f3a5c001e80n,
			'decode',
			5_000_000_000n,
			5_005_000_000n,
			5e6,
			533,
			0,
			17_056,
			4096,
			'',
			1,
			1.02,
			4_900_000.5,
		]),
	'steps, store': () =>
		through(
			STEPS,
			() => stepBatch,
			(store, rows) => store.appendSteps(rows),
			'steps',
		),
	'events, floor': () =>
		floor(integers(10), EVENTS, (row) => [
			1,
			BigInt(row * 5000),
			row,
			1800,
			4242,
			4243,
			3,
			0x7f3a5c001e80n,
			0x7f3a5c002000n,
			262_272n,
		]),
	'events, store': () => through(EVENTS, nextEvents, (store, rows) => store.appendEvents(rows), 'events'),
};

const results = Object.fromEntries(Object.keys(measured).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
	for (const [name, run] of Object.entries(measured)) {
		results[name].push(await run());
	}
}
rmSync(folder, { recursive: true, force: true });

const sorted = (name, key) => results[name].map((result) => result[key]).sort((a, b) => a - b);
const best = (name, key, pick = 'max') => (pick === 'max' ? sorted(name, key).at(-1) : sorted(name, key)[0]);
const median = (name, key) => sorted(name, key)[ROUNDS >> 1];
const thousands = (value) => Math.round(value).toLocaleString('en').padStart(11);
console.log('rows/s                 best      median   of the floor (best)   main thread, ns/row (best)');
for (const name of Object.keys(measured)) {
	const floorName = name.replace('store', 'floor');
	const share = (best(name, 'rowsPerSecond') / best(floorName, 'rowsPerSecond')).toFixed(2);
	const own = name.endsWith('store') ? Math.round(best(name, 'appendNs', 'min')) : '';
	console.log(
		`${name.padEnd(14)}${thousands(best(name, 'rowsPerSecond'))} ${thousands(median(name, 'rowsPerSecond'))}   ${share.padStart(12)} ${String(own).padStart(32)}`,
	);
}
