/** Stands for "no slot". */
export const NONE = -1;

type Column = Float64Array | Int32Array | Uint8Array;

/** A longer copy of a column; what is new is 0. */
export function lengthened<T extends Column>(column: T, length: number): T {
	const longer = new (column.constructor as new (length: number) => T)(length);
	longer.set(column);
	return longer;
}
