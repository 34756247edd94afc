import { EventPipeline, OperationTable, SourceClock } from '@ingero/steps';

// What the events mean comes with them: from a recording's header, or a tracer's own table.
const [LAUNCH, COPY_BACK, RECORD_EVENT, WAIT_EVENT] = [3, 21, 57, 8];
const table = new OperationTable(
	new Map([
		[LAUNCH, { name: 'cuLaunchKernel', args: ['function', 'stream', 'grid_blocks<<12|threads'] }],
		[COPY_BACK, { name: 'cuMemcpyDtoHAsync_v2', args: ['dst', 'stream', 'bytes'] }],
		[RECORD_EVENT, { name: 'cuEventRecordWithFlags', args: ['event', 'stream', 'flags'] }],
		[WAIT_EVENT, { name: 'cuEventSynchronize', args: ['event', '-', 'return_code'] }],
	]),
);

const pipeline = new EventPipeline({
	table,
	clock: new SourceClock(0n),
	onCompleted: (step) => {
		const { launches, gridBlocks, firstWorkNs, completedNs } = step;
		console.log(`${launches} launches, ${gridBlocks} blocks: ${firstWorkNs} to ${completedNs} ns`);
	},
});

/** One record: time, duration, process, thread, operation, three arguments; 64-bit values as two words, low one first. */
function event(tNs: number, op: number, ...args: number[]): void {
	const [a = 0, b = 0, c = 0] = args;
	pipeline.push(Uint32Array.of(tNs, 0, 0, 4242, 4242, op, a, 0, b, 0, c, 0), 1);
}

// An engine that schedules ahead: the second step is enqueued before the first one's result is waited for.
const [STREAM, EVENT_1, EVENT_2] = [7, 1, 2];
event(1_000, LAUNCH, 0xa, STREAM, 640 << 12);
event(2_000, LAUNCH, 0xb, STREAM, 640 << 12);
event(3_000, COPY_BACK, 0, STREAM, 4096);
event(4_000, RECORD_EVENT, EVENT_1, STREAM);
event(5_000, LAUNCH, 0xc, STREAM, 8 << 12);
event(6_000, COPY_BACK, 0, STREAM, 4096);
event(7_000, RECORD_EVENT, EVENT_2, STREAM);
event(20_000, WAIT_EVENT, EVENT_1);
event(23_000, WAIT_EVENT, EVENT_2);
pipeline.end();
