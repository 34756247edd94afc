/** `JSON.rawJSON`, in V8 since Node 21 and not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** JSON on one line, in which a bigint is a plain integer with all its digits. */
export function exactJson(value: unknown): string {
	return JSON.stringify(value, (_key, field) => (typeof field === 'bigint' ? rawJSON(field.toString()) : field));
}

/** RFC 3339 in UTC with up to nine fractional digits, from Unix time in ns. */
export function rfc3339(unixNs: bigint): string {
	const seconds = unixNs / 1_000_000_000n;
	const fraction = (unixNs % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
	const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
	return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}
