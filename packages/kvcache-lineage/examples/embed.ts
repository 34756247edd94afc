import { AllocationLineage } from '@ingero/kvcache-lineage';

const MS = 1e6;
const MIB = 2 ** 20;
const pid = 4242;

const lineage = new AllocationLineage();
lineage.processStarted(pid);

// A server loads weights, takes its KV cache, one tensor a layer, and serves from it for two minutes.
let pointer = 0x7f12e2000000;
function allocate(tNs: number, bytes: number): void {
	lineage.allocated({ pid, kind: 'device', pointer, bytes, tNs });
	pointer += bytes;
}
for (let layer = 0; layer < 16; layer++) allocate(layer * MS, 44 * MIB);
for (let layer = 0; layer < 16; layer++) allocate(500 * MS + layer * MS, 1406 * MIB);

const slowStepEndNs = 120_000 * MS;
console.log(`oldest: ${lineage.oldestAgesMs(pid, slowStepEndNs).join(', ')} ms`);

const summary = lineage.summary(pid, slowStepEndNs);
if (summary !== undefined) {
	const { granularity, live, alike, growth } = summary;
	const percent = Math.round(100 * alike.share);
	console.log(`${live.count} allocations, ${percent} % of the bytes in ${alike.segments} of one size: ${granularity}`);
	console.log(`last minute: ${growth.netBytes} bytes more`);
}
