const OFFSET_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;

const INPUT_BYTES = 21;
const EVENT_SALT = 1;
const TRACE_SALT = 2;
const SPAN_SALT = 3;

/**
 * FNV-1a, 128 bits.
 *
 * @returns the digest as an unsigned 128-bit number
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv128a(bytes: Iterable<number>): bigint {
	let hash = OFFSET_BASIS;
	for (const byte of bytes) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
	return hash;
}

/**
 * Id of an outlier, from what identifies it: the same step gives the same id in every channel and in every
 * replay, and no source of randomness is needed.
 *
 * @param pid unsigned 32 bits
 * @param streamHandle unsigned 64 bits
 * @param endNs end of the step, signed 64 bits; wall time where ids must not repeat across restarts
 * @returns a lower-case UUID, shaped as version 4, variant 1
 */
export function deterministicEventId(pid: number, streamHandle: bigint, endNs: bigint): string {
	const digest = digestHex(pid, streamHandle, endNs, EVENT_SALT);
	const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
	return [
		digest.slice(0, 8),
		digest.slice(8, 12),
		`4${digest.slice(13, 16)}`,
		`${variant}${digest.slice(17, 20)}`,
		digest.slice(20),
	].join('-');
}

/**
 * Trace id of an outlier's span: 32 hex digits, never all zero.
 *
 * @param startNs start of the step, as `endNs` of {@link deterministicEventId}
 */
export function deterministicTraceId(pid: number, streamHandle: bigint, startNs: bigint): string {
	return notAllZero(digestHex(pid, streamHandle, startNs, TRACE_SALT));
}

/** Id of an outlier's span: 16 hex digits, never all zero. Arguments as {@link deterministicTraceId}. */
export function deterministicSpanId(pid: number, streamHandle: bigint, startNs: bigint): string {
	return notAllZero(digestHex(pid, streamHandle, startNs, SPAN_SALT).slice(0, 16));
}

function digestHex(pid: number, streamHandle: bigint, timestampNs: bigint, salt: number): string {
	const input = new Uint8Array(INPUT_BYTES);
	const view = new DataView(input.buffer);
	view.setUint32(0, pid);
	view.setBigUint64(4, streamHandle);
	view.setBigInt64(12, timestampNs);
	view.setUint8(20, salt);
	return fnv128a(input).toString(16).padStart(32, '0');
}

/** OTLP takes an id of zeros for "none". */
function notAllZero(hex: string): string {
	return /[^0]/.test(hex) ? hex : `${hex.slice(0, -1)}1`;
}
