import fc from 'fast-check';
import type { Taken } from './recordings';
import { encodeRecords, headerOf, type Operations, type Written } from './records';

const LAUNCH = 1;
const GRAPH_LAUNCH = 2;
const HOST_TO_DEVICE = 3;
const DEVICE_TO_HOST = 4;
const WAIT = 5;
const EXIT = 6;

export const OPERATIONS: Operations = new Map([
	[LAUNCH, { name: 'cuLaunchKernel', args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'] }],
	[GRAPH_LAUNCH, { name: 'cuGraphLaunch', args: ['graph_exec', 'stream', '-'] }],
	[HOST_TO_DEVICE, { name: 'cuMemcpyHtoDAsync_v2', args: ['dst', 'stream', 'bytes'] }],
	[DEVICE_TO_HOST, { name: 'cuMemcpyDtoHAsync_v2', args: ['dst', 'stream', 'bytes'] }],
	[WAIT, { name: 'cuStreamSynchronize', args: ['stream', '-', 'return_code'] }],
	[EXIT, { name: 'process_exit', args: ['-', '-', '-'] }],
]);

/** A request: a prefill and the decodes that follow it. Durations are even numbers of ns, so that half of one is exact. */
export interface Request {
	/** Hundreds of blocks in each launch of the prefill. */
	readonly prompt: number;
	readonly prefillNs: number;
	readonly decodesNs: readonly number[];
	/** Sequences that decode together. */
	readonly batch: 1 | 2 | 4;
	/** Decodes replay a graph. */
	readonly graphs: boolean;
}

/** Even ns between two numbers of ms. */
const time = (fromMs: number, toMs: number) =>
	fc.integer({ min: fromMs * 5e5, max: toMs * 5e5 }).map((half) => 2 * half);

/** Of one model: prompts of many lengths, decodes that seldom differ by much. */
export const requests: fc.Arbitrary<readonly Request[]> = fc.array(
	fc
		.record({
			prompt: fc.integer({ min: 1, max: 20 }),
			jitter: fc.integer({ min: 0, max: 5 }),
			decodesNs: fc.array(fc.oneof({ weight: 30, arbitrary: time(5, 6) }, { weight: 1, arbitrary: time(10, 40) }), {
				minLength: 2,
				maxLength: 30,
			}),
			batch: fc.constantFrom<1 | 2 | 4>(1, 1, 2, 4),
			graphs: fc.boolean(),
		})
		.map(({ jitter, ...request }) => ({ ...request, prefillNs: 2e6 * (4 + request.prompt) + 2e5 * jitter })),
	{ minLength: 4, maxLength: 20 },
);

const KERNELS = Array.from({ length: 24 }, (_, i) => 0x7f3a_0000_1000n + 0x140n * BigInt(i));
const STREAM = 0x7f3a_5c00_1e80n;

/** What a server that serves these requests one after the other would have recorded. */
export function serve(served: readonly Request[], { pid = 4242 }: { readonly pid?: number } = {}): Taken {
	const written: Written[] = [];
	let ns = 1_000_000_000n;
	const call = (op: number, ...args: bigint[]) => {
		ns += 2000n;
		written.push({ ns, pid, op, args });
	};
	const step = (durationNs: number, enqueue: () => void) => {
		const startNs = ns;
		enqueue();
		call(DEVICE_TO_HOST, 0xdeadn, STREAM, 64n);
		const waitedFromNs = ns;
		ns = startNs + BigInt(durationNs);
		const durationOfWait = Number(ns - waitedFromNs);
		written.push({ ns, durationNs: durationOfWait, pid, op: WAIT, args: [STREAM, 0n, 0n] });
	};
	const launches = (kernels: readonly bigint[], blocks: number) => {
		for (const kernel of kernels) call(LAUNCH, kernel, STREAM, (BigInt(blocks) << 12n) | 128n);
	};
	for (const { prompt, prefillNs, decodesNs, batch, graphs } of served) {
		step(prefillNs, () => {
			call(HOST_TO_DEVICE, 0xbeefn, STREAM, BigInt(400 * prompt));
			launches(KERNELS.slice(0, 16), 100 * prompt);
		});
		for (const decodeNs of decodesNs) {
			step(decodeNs, () => {
				if (graphs) call(GRAPH_LAUNCH, 0x7f3a_9000_0000n + BigInt(batch), STREAM);
				else launches(KERNELS.slice(8), 12 * batch);
			});
		}
	}
	return { header: headerOf(OPERATIONS), records: encodeRecords(written) };
}
