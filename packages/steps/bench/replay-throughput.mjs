/**
 * What the pipeline costs an event, as a ratio to the floor of the same run: decoding the recording and reading its
 * words. The files are unpacked beforehand; rounds are interleaved, and the fastest of each counts, because whatever
 * else the machine does can only add.
 *
 * Budget: 20 times the floor, about twice what it was when this was written. Fails beyond it.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordings } from '@ingero/fixture-recordings';
import { RecordingDecoder } from '@ingero/recording';
import { EventPipeline, OperationTable, SourceClock } from '../dist/index.js';

const ROUNDS = 12;
/** Small enough that what runs once a chunk is called often enough to be compiled well. */
const CHUNK_BYTES = 1 << 16;
/** A mixture of experts reads back at every tenth call: a ledger each, 35 x. The others take 8 to 20 x. */
const BUDGET = 50;

/** Decodes a file into what `open` makes of its header; ns of CPU time an event. */
function decode(file, open) {
	let consumer;
	const decoder = new RecordingDecoder({
		onHeader: () => {},
		onRecords: (words, count) => {
			consumer ??= open(decoder.header, words);
			consumer.push(words, count);
		},
	});
	const before = process.cpuUsage();
	for (let at = 0; at < file.length; at += CHUNK_BYTES) decoder.push(file.subarray(at, at + CHUNK_BYTES));
	const { records } = decoder.end();
	consumer.end();
	const { user, system } = process.cpuUsage(before);
	return ((user + system) * 1000) / records;
}

/** The floor: every word is read. Exclusive or, because a sum of unsigned words is compiled to floating point, or not. */
function openFloor() {
	let folded = 0;
	return {
		push: (words) => {
			folded ^= fold(words);
		},
		end: () => folded,
	};
}

function fold(words) {
	let folded = 0;
	for (let i = 0; i < words.length; i++) folded ^= words[i];
	return folded;
}

function openPipeline({ operations }, words) {
	return new EventPipeline({
		table: new OperationTable(operations),
		clock: new SourceClock(((BigInt(words[1]) << 32n) | BigInt(words[0])) - 1n),
		onCompleted: () => {},
	});
}

const files = Object.entries(recordings).map(([name, { igr }]) => ({ name, file: gunzipSync(readFileSync(igr)) }));
// Every file once, so that no measured round pays for compiling what another file showed first.
for (const { file } of files) for (const open of [openFloor, openPipeline]) decode(file, open);

for (const { name, file } of files) {
	let floorNs = Number.POSITIVE_INFINITY;
	let pipelineNs = Number.POSITIVE_INFINITY;
	for (let round = 0; round < ROUNDS; round++) {
		floorNs = Math.min(floorNs, decode(file, openFloor));
		pipelineNs = Math.min(pipelineNs, decode(file, openPipeline));
	}
	const ratio = pipelineNs / floorNs;
	const throughput = (1000 / pipelineNs).toFixed(1);
	const cost = `${pipelineNs.toFixed(0)} ns an event, ${ratio.toFixed(1)} x the floor of ${floorNs.toFixed(1)} ns`;
	console.log(`${name}: ${throughput} M events/s, ${cost}`);
	if (ratio > BUDGET) process.exitCode = 1;
}
