import { type ParameterPlace, type ProbedFunction, TIMED_PROGRAMS } from '../functions';

const PLACES = { byValue: 13, area: 14, defaultStream: 15 } as const;
/** From this place on a parameter may lie on the stack. */
const FIRST_ON_STACK = 7;
/** The stack shift is carried in slots of this many bytes. */
const SLOT_BYTES = 8;
const MAX_STACK_SHIFT_BYTES = 0xff * SLOT_BYTES;

/**
 * The attach cookie that tells a program what it is attached to; its bits are drawn in bpf/include/ingero_cookie.h.
 *
 * @param options.perThread the symbol is the function's per-thread default stream variant
 * @param options.stackShiftBytes how far the prologue has moved the stack pointer down before the probe's instruction
 * @throws RangeError for a shift that is no multiple of 8 up to 2040
 */
export function attachCookie(
	probed: ProbedFunction,
	options: { readonly perThread: boolean; readonly stackShiftBytes: number },
): bigint {
	const { stackShiftBytes } = options;
	if (stackShiftBytes % SLOT_BYTES !== 0 || stackShiftBytes < 0 || stackShiftBytes > MAX_STACK_SHIFT_BYTES) {
		throw new RangeError(
			`stackShiftBytes: expected a multiple of ${SLOT_BYTES} up to ${MAX_STACK_SHIFT_BYTES}, got ${stackShiftBytes}`,
		);
	}
	const [arg0, arg1, arg2] = probed.places;
	const all = [...probed.places, probed.stream, probed.bytes, probed.comm].map(placeNumber);
	const isDeep = all.some((number) => number >= FIRST_ON_STACK && number < PLACES.byValue);
	const result = TIMED_PROGRAMS.has(probed.program) ? probed.args.indexOf('return_code') + 1 : 0;
	const fields: readonly (readonly [bit: number, value: number])[] = [
		[0, probed.code],
		[16, probed.kind],
		[24, options.perThread ? 1 : 0],
		[25, probed.lastArgIsInt ? 1 : 0],
		[26, probed.isTold ? 1 : 0],
		[27, probed.asksFirst ? 1 : 0],
		[28, placeNumber(arg0)],
		[32, placeNumber(arg1)],
		[36, placeNumber(arg2)],
		[40, placeNumber(probed.stream)],
		[44, placeNumber(probed.bytes)],
		[48, isDeep ? 1 : 0],
		[49, result],
		[51, probed.out === undefined ? 0 : probed.out.argument + 1],
		[53, probed.out?.parameter ?? probed.comm ?? 0],
		[56, stackShiftBytes / SLOT_BYTES],
	];
	return fields.reduce((cookie, [bit, value]) => cookie | (BigInt(value) << BigInt(bit)), 0n);
}

function placeNumber(parameter: ParameterPlace | undefined): number {
	if (parameter === undefined) return 0;
	return typeof parameter === 'number' ? parameter : PLACES[parameter];
}
