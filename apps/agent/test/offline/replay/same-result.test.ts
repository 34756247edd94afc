import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linesOfType, type Message, ofType, parseLines, tally, withoutCause } from '../../helpers/messages';
import {
	bytesOf,
	firstRecords,
	pathOf,
	putTogether,
	RECORDINGS,
	type Taken,
	takeApart,
} from '../../helpers/recordings';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const EMIT = ['--emit', 'steps,outliers', '--node', 'n', '--cluster', 'c'];

function write(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

describe.each(RECORDINGS)('%s', (name) => {
	test('replayed again, or not compressed, gives the same bytes', async () => {
		const first = await replay(pathOf(name), ...EMIT);
		expect(await replay(pathOf(name), ...EMIT)).toBe(first);
		const unpacked = write(`${name}.igr`, bytesOf(name));
		expect(await replay(unpacked, ...EMIT)).toBe(first);
	});
});

test.each(['max', '100', '1e3', '60.5'])('--speed %s gives the same bytes', async (speed) => {
	// Six seconds of recorded time.
	const part = write('part.igr', putTogether(firstRecords(takeApart(bytesOf('h100-vllm-a')), 60_000)));
	expect(await replay(part, ...EMIT, '--speed', speed)).toBe(await replay(part, ...EMIT));
});

test('--pid divides a recording of two processes into two', async () => {
	const path = pathOf('h100x2-parallel-a');
	const whole = await replay(path, ...EMIT);
	const pids = [...new Set(ofType(parseLines(whole), 'inference_step').map(({ pid }) => String(pid)))];
	expect(pids.length).toBe(2);
	const both = await replay(path, ...EMIT, '--pid', pids.join());
	expect(linesOfType(both, 'inference_step')).toEqual(linesOfType(whole, 'inference_step'));
	let produced = 0n;
	for (const pid of pids) {
		const one = await replay(path, ...EMIT, '--pid', pid);
		const own = linesOfType(whole, 'inference_step').filter((line) => line.includes(`"pid":${pid},`));
		expect(linesOfType(one, 'inference_step').map(withoutCause)).toEqual(own.map(withoutCause));
		const events = tally(parseLines(one).at(-1)?.events);
		expect(events.produced).toBe(events.delivered + events.sampledOut + events.dropped);
		produced += events.produced;
	}
	expect(tally(parseLines(both).at(-1)?.events).produced).toBe(produced);
});

describe('numbers beyond 2^53', () => {
	const SHIFT_NS = 1_234_567_890_123_456_789n;
	const WALL_OFFSET_NS = 1_800_000_000_000_000_001n - SHIFT_NS;
	const STREAM = 2n ** 64n - 1n;
	const original = firstRecords(takeApart(bytesOf('h100-serving-a')), 200_000);

	test('are printed with every digit', async () => {
		const path = write('original.igr', putTogether(original));
		const shifted = write('shifted.igr', putTogether(moved(original)));
		const before = parseLines(await replay(path, ...EMIT));
		const after = parseLines(await replay(shifted, ...EMIT));
		expect(ofType(after, 'inference_outlier').length).toBeGreaterThan(0);
		expect(after.length).toBe(before.length);
		for (const [i, message] of after.entries()) expect(strip(message)).toEqual(strip(expected(before[i] as Message)));
		for (const { timestamp } of ofType(after, 'inference_outlier')) {
			expect(timestamp).toMatch(/^2027-01-15T08:0\d:\d\d\.\d{1,9}Z$/);
		}
	});

	/** The same work on another stream at another time. */
	function moved({ header, records }: Taken): Taken {
		const copy = records.slice();
		const longs = new BigUint64Array(copy.buffer);
		for (let at = 0; at < longs.length; at += 6) {
			longs[at] = (longs[at] as bigint) + SHIFT_NS;
			const operation = header.operations.get(copy[at * 2 + 5] as number);
			for (const [i, name] of (operation?.args ?? []).entries()) {
				if (name === 'stream' && longs[at + 3 + i] === 0n) longs[at + 3 + i] = STREAM;
			}
		}
		return { header: { ...header, wallOffsetNs: WALL_OFFSET_NS }, records: copy };
	}

	function expected(message: Message): Message {
		if (message.type === 'inference_outlier') return { ...message, stream_handle: STREAM };
		const { start_ns, end_ns } = message as unknown as { start_ns: bigint; end_ns: bigint };
		const times = { start_ns: start_ns + SHIFT_NS, end_ns: end_ns + SHIFT_NS };
		if (message.type !== 'inference_step') return { ...message, ...times };
		return { ...message, ...times, stream_handle: String(STREAM) };
	}

	/** Ids are made of pid, stream and time. */
	function strip({ event_id: _, timestamp: __, ...rest }: Message): object {
		return rest;
	}
});
