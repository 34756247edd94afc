import { AllocationLineage } from '@ingero/kvcache-lineage';
import { test } from 'vitest';

const EVENTS = 20_000;

/** Addresses of a first-in, first-out queue of `live` allocations, as a driver that never gives one out twice soon. */
function addressesOf(live: number): Float64Array {
	return Float64Array.from({ length: EVENTS + live }, (_, i) => 0x7f0000000000 + ((i * 7919) % 100_003) * 512);
}

/** The floor: what is live, in a Map of address to size and time. */
function floor(live: number): () => void {
	const addresses = addressesOf(live);
	const map = new Map<number, { bytes: number; tNs: number }>();
	let nowNs = 0;
	for (let i = 0; i < live; i++) map.set(addresses[i] as number, { bytes: 512, tNs: nowNs++ });
	return () => {
		for (let i = 0; i < EVENTS; i++) {
			map.delete(addresses[i] as number);
			map.set(addresses[i + live] as number, { bytes: 512, tNs: nowNs++ });
		}
		map.clear();
		for (let i = 0; i < live; i++) map.set(addresses[i] as number, { bytes: 512, tNs: nowNs++ });
	};
}

function lineage(live: number): () => void {
	const addresses = addressesOf(live);
	const target = new AllocationLineage();
	let nowNs = 0;
	const allocate = (i: number) =>
		target.allocated({ pid: 1, kind: 'device', pointer: addresses[i] as number, bytes: 512, tNs: nowNs++ });
	for (let i = 0; i < live; i++) allocate(i);
	return () => {
		for (let i = 0; i < EVENTS; i++) {
			target.freed({ pid: 1, pointer: addresses[i] as number, tNs: nowNs });
			allocate(i + live);
		}
		target.forgetProcess(1);
		for (let i = 0; i < live; i++) allocate(i);
	};
}

/** Budgets as multiples of the floor of the same run: machines differ threefold, ratios do not. */
test.for([
	{ live: 64, budget: 4 },
	{ live: 8192, budget: 4 },
])('a free and an allocation, $live live', async ({ live, budget }, { bench, expect }) => {
	const results = await bench.compare(bench('map', floor(live)), bench('lineage', lineage(live)));
	// The fastest round: whatever else the machine does can only add.
	const nsPerPair = (name: 'map' | 'lineage') => (results.get(name).latency.min * 1e6) / EVENTS;
	const ratio = nsPerPair('lineage') / nsPerPair('map');
	const [mapNs, lineageNs] = [nsPerPair('map').toFixed(0), nsPerPair('lineage').toFixed(0)];
	console.log(`${live} live: ${lineageNs} ns a pair, ${ratio.toFixed(1)} x a Map's ${mapNs} ns`);
	expect(ratio).toBeLessThan(budget);
});
