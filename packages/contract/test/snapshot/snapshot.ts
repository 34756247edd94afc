/** A tree of plain values, as JSON holds it. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** Everything that the contract fixes. Descriptions are prose and free to improve. */
export function takeSnapshot(contract: object): Tree {
	return JSON.parse(JSON.stringify(contract, (key, value) => (key === 'description' ? undefined : value)));
}
