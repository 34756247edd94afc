import type { ParameterPlace, ProbedFunction } from '../functions';

const DEFAULT_STREAM_PLACE = 15;

/**
 * The attach cookie that tells a program what it is attached to; its bits are drawn in bpf/programs/cuda_driver.c.
 *
 * @param options.perThread the symbol is the function's per-thread default stream variant
 * @param options.stackShiftBytes how far the prologue has moved the stack pointer down before the probe's instruction
 */
export function attachCookie(
	probed: ProbedFunction,
	options: { readonly perThread: boolean; readonly stackShiftBytes: number },
): bigint {
	const [arg0, arg1, arg2] = probed.places;
	return (
		BigInt(probed.code) |
		(BigInt(probed.kind) << 16n) |
		(options.perThread ? 1n << 24n : 0n) |
		(probed.lastArgIsInt ? 1n << 25n : 0n) |
		(probed.tellsMemory ? 1n << 26n : 0n) |
		(probed.asksFirst ? 1n << 27n : 0n) |
		(place(arg0) << 28n) |
		(place(arg1) << 32n) |
		(place(arg2) << 36n) |
		(place(probed.stream) << 40n) |
		(place(probed.bytes) << 44n) |
		(BigInt(options.stackShiftBytes) << 48n)
	);
}

function place(parameter: ParameterPlace | undefined): bigint {
	if (parameter === undefined) return 0n;
	return BigInt(parameter === 'defaultStream' ? DEFAULT_STREAM_PLACE : parameter);
}
