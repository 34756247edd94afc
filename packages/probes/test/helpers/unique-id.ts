const wrapped = (value: bigint) => BigInt.asUintN(64, value);

/** The hash of an ncclUniqueId that events carry: splitmix64's finaliser, folded over its 16 words. */
export function hashUniqueId(bytes: Uint8Array): bigint {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let hash = 0x9e3779b97f4a7c15n;
	for (let at = 0; at < 128; at += 8) {
		let x = hash ^ view.getBigUint64(at, true);
		x = wrapped((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
		x = wrapped((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
		hash = x ^ (x >> 31n);
	}
	return hash;
}

/** An ncclUniqueId whose bytes count up. */
export function uniqueId(first: number): Uint8Array {
	return Uint8Array.from({ length: 128 }, (_, i) => first + i);
}
