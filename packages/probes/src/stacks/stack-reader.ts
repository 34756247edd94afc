import type { BpfMap } from '@ingero/bpf-loader-native';

/** User stacks that the kernel keeps by number: the map `stacks`. */
export class StackReader {
	readonly #map: BpfMap;

	constructor(map: BpfMap) {
		this.#map = map;
	}

	/** @returns addresses, innermost first; `undefined` for a number without a stack */
	read(id: number): bigint[] | undefined {
		const bytes = this.#map.getAt(id);
		if (bytes === undefined) return undefined;
		const addresses = [...new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)];
		// Behind the outermost there are zeros.
		const end = addresses.indexOf(0n);
		return end < 0 ? addresses : addresses.slice(0, end);
	}
}
