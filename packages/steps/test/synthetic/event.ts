import type { OperationDescription } from '../../src/operations';

/** One raw event: 12 words, as a source would have them. */
export function eventWords(
	operations: ReadonlyMap<number, OperationDescription>,
	name: string,
	pid: number,
	args: readonly (bigint | number)[],
): Uint32Array {
	const code = [...operations].find(([, operation]) => operation.name === name)?.[0];
	if (code === undefined) throw new Error(`the table has no ${name}`);
	const words = new BigUint64Array(6);
	words.set([1n, BigInt(pid) << 32n, (BigInt(code) << 32n) | BigInt(pid), ...args.map(BigInt)]);
	return new Uint32Array(words.buffer);
}
