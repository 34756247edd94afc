import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BpfObject, type BpfObjectOptions, type BpfRing } from '../../src/index';
import { describeBpf, objectPath, readU64, TARGET, Target } from './support';

class Producer implements AsyncDisposable {
	readonly object: BpfObject;
	readonly target: Target = new Target();

	constructor(program: 'blnt_vary' | 'blnt_fixed' | 'blnt_slow', options: BpfObjectOptions = {}) {
		this.object = BpfObject.open(objectPath('ring'), options);
		this.object.load();
		this.object.program(program).attachUprobe({ path: TARGET, symbol: 'site_00', pid: this.target.pid });
	}

	/** Counters that the program keeps. */
	counts(): { produced: number; dropped: number; discarded: number } {
		const bss = this.object.map('.bss').getAt(0);
		const [produced = 0, dropped = 0, discarded = 0] = [0, 8, 16].map((offset) => readU64(bss, offset));
		return { produced, dropped, discarded };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.target[Symbol.asyncDispose]();
		this.object.close();
	}
}

/** Checks the records of blnt_vary in `bytes` and returns their sequence numbers. */
function checkedSequences(bytes: Uint8Array): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const sequences: number[] = [];
	for (let at = 0; at < bytes.length; ) {
		const sequence = view.getUint32(at, true);
		const length = view.getUint32(at + 4, true);
		const padded = Math.ceil(length / 8) * 8;
		const content = new Uint8Array(bytes.subarray(at, at + padded));
		if (Buffer.compare(content, expectedRecord(sequence, padded)) !== 0)
			throw new Error(`record ${sequence} is damaged`);
		sequences.push(sequence);
		at += padded;
	}
	return sequences;
}

/** What blnt_vary writes for a number: see ring.bpf.c. */
function expectedRecord(sequence: number, padded: number): Uint8Array {
	const words = Uint32Array.from({ length: 64 }, (_, word) => sequence * 31 + word);
	const length = 8 + ((Math.imul(sequence, 2654435761) >>> 16) % 248);
	words[0] = sequence;
	words[1] = length;
	const record = new Uint8Array(padded);
	record.set(new Uint8Array(words.buffer).subarray(0, length));
	return record;
}

/** Drains until production has ended and nothing is left. */
async function drainWhile(production: Promise<unknown>, ring: BpfRing, drain: () => void): Promise<void> {
	let finished = false;
	const end = production.finally(() => {
		finished = true;
	});
	while (!finished || ring.pendingBytes > 0) {
		drain();
		await new Promise((resolve) => setImmediate(resolve));
	}
	await end;
}

/** Puts two processes on a processor each, and the second back where it was when disposed. */
function pinned(first: number, second: number): Disposable {
	const taskset = (...options: string[]): string => execFileSync('taskset', ['-a', ...options], { encoding: 'utf8' });
	const mask = /[0-9a-f]+$/m.exec(taskset('-p', `${second}`))?.[0] ?? '';
	const allowed = BigInt(`0x${mask}`);
	const one = allowed & -allowed;
	const other = (allowed ^ one) & -(allowed ^ one);
	taskset('-p', one.toString(16), `${first}`);
	taskset('-p', other.toString(16), `${second}`);
	return { [Symbol.dispose]: () => taskset('-p', mask, `${second}`) };
}

function increasing(numbers: readonly number[]): boolean {
	return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number));
}

describeBpf('ring', ['ring', 'uprobe'], () => {
	it('delivers every record once and in order, whatever the size of the target', async () => {
		await using producer = new Producer('blnt_vary', { maxEntries: { ring: 16384 }, readOnlyData: { burst: 40 } });
		const ring = producer.object.ring('ring');
		let next = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(fc.integer({ min: 256, max: 5000 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
				// At most 40 records of 264 bytes: never full, so nothing may be missing.
				await producer.target.ask('call 0 1');
				for (let i = 0; ring.pendingBytes > 0; i++) {
					const target = new Uint8Array(sizes[i % sizes.length] as number);
					for (const sequence of checkedSequences(target.subarray(0, ring.drain(target))))
						expect(sequence).toBe(next++);
				}
				expect(ring.drain(new ArrayBuffer(0))).toBe(0);
			}),
			{ numRuns: 300 },
		);
		expect(producer.counts()).toEqual({ produced: next, dropped: 0, discarded: 0 });
		expect(ring.counters.records).toBe(next);
	});

	it('keeps up or loses by the books: produced = delivered + dropped, across 50 wrap-arounds', async () => {
		const size = 16384;
		const options = { maxEntries: { ring: size }, readOnlyData: { discard_every: 7 } };
		await using producer = new Producer('blnt_vary', options);
		const ring = producer.object.ring('ring');
		const target = new Uint8Array(1003);
		const delivered: number[] = [];
		let bytes = 0;
		while (bytes < 50 * size) {
			await drainWhile(producer.target.ask('call 0 500'), ring, () => {
				const length = ring.drain(target);
				delivered.push(...checkedSequences(target.subarray(0, length)));
				bytes += length;
			});
		}
		const { produced, dropped, discarded } = producer.counts();
		expect(delivered.length + dropped).toBe(produced);
		expect(increasing(delivered)).toBe(true);
		expect(ring.counters).toMatchObject({ records: delivered.length, bytes, discarded });
		expect(discarded).toBeGreaterThan(0);
	});

	it('delivers every record of several processors that write at once', async () => {
		await using producer = new Producer('blnt_fixed', { maxEntries: { ring: 1 << 20 } });
		const ring = producer.object.ring('ring');
		const words = new Uint32Array(1 << 16);
		const seen = new Set<number>();
		let records = 0;
		await drainWhile(producer.target.ask('threads 0 1000 4'), ring, () => {
			const length = ring.drain(words.buffer) / 4;
			for (let at = 0; at < length; at += 12, records++) {
				const sequence = words[at] as number;
				seen.add(sequence);
				for (let word = 2; word < 12; word += 2) if (words[at + word] !== sequence) throw new Error('torn record');
			}
		});
		const { produced, dropped } = producer.counts();
		expect(produced).toBe(4 * 1000 * 64);
		expect(records + dropped).toBe(produced);
		expect(seen.size).toBe(records);
	});

	it.skipIf(availableParallelism() < 2)('waits for a record that is still being written', async () => {
		await using producer = new Producer('blnt_slow');
		// On one processor the reader would run only between records.
		using _apart = pinned(producer.target.pid, process.pid);
		const ring = producer.object.ring('ring');
		const words = new Uint32Array(1024);
		let next = 1;
		await producer.target.ask('call 0 1');
		ring.drain(words.buffer);
		await drainWhile(producer.target.ask('call 0 300'), ring, () => {
			const length = ring.drain(words.buffer) / 4;
			for (let at = 0; at < length; at += 12, next++) {
				for (let word = 0; word < 12; word += 2) expect(words[at + word]).toBe(next);
			}
		});
		// Where the reader was kept from its processor, the ring was full for a while.
		const { produced } = producer.counts();
		expect(next).toBe(produced);
		expect(produced).toBeGreaterThan(50);
	});

	it('refuses a target that is too small for the next record, and keeps the record', async () => {
		await using producer = new Producer('blnt_fixed', { readOnlyData: { burst: 1 } });
		const ring = producer.object.ring('ring');
		expect(producer.object.ring('ring')).toBe(ring);
		expect(ring.drain(new Uint8Array(8))).toBe(0);
		await producer.target.ask('call 0 2');
		expect(() => ring.drain(new Uint8Array(47))).toThrow(
			new RangeError('target: the next record needs 48 bytes, received 47'),
		);
		expect(ring.drain(new Uint8Array(95))).toBe(48);
		expect(ring.pendingBytes).toBe(56);
		expect(ring.drain(new Uint8Array(48))).toBe(48);
		expect(() => ring.drain([] as unknown as Uint8Array)).toThrow(TypeError);
		expect(ring.counters).toEqual({ records: 2, bytes: 96, discarded: 0, batches: 2 });
		producer.object.close();
		expect(() => ring.drain(new Uint8Array(48))).toThrow(expect.objectContaining({ code: 'INGERO_BPF_CLOSED' }));
	});
});
