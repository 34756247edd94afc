import { paths } from '@ingero/fixture-cuda-standin';
import { type CompletedLedger, unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { driverCalls } from './helpers/call-event';
import { withoutEvidence } from './helpers/evidence';
import { memcpyKind } from './helpers/expected-arguments';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { expectSameCalls } from './helpers/same-calls';
import { Target } from './helpers/target';
import { type TracedCall, withTrace } from './helpers/trace';
import { Watch } from './helpers/watch';

const DEVICE_TO_HOST = 2n;
const HOST_TO_DEVICE = 1n;
/** What the target copies back at its end, with an ordinary call. */
const READ_BACK_BYTES = 64;

const isDescribed = ({ function: name }: TracedCall) => /^cuMemcpy[23]D/.test(name);
const kindOf = ({ values }: TracedCall) => memcpyKind(BigInt(values.src_type ?? 0), BigInt(values.dst_type ?? 0));
const bytesOf = ({ values: { width = '0', height = '0', depth = '1' } }: TracedCall) =>
	Number(width) * Number(height) * Number(depth);
const sumOf = (calls: readonly TracedCall[]) => calls.reduce((sum, call) => sum + bytesOf(call), 0);

async function watchCopies() {
	const { result, trace } = await withTrace(async (file) => {
		await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
		await using watch = new Watch({ pids: [target.pid], admission: 1, allowSteppedSites: true });
		await watch.attached();
		await target.ask('copies');
		return { watch, losses: await watch.stop() };
	});
	return { ...result, described: trace.filter(isDescribed) };
}

const total = (ledgers: readonly CompletedLedger[], field: 'memcpyBytes' | 'hostToDeviceBytes' | 'deviceToHostBytes') =>
	ledgers.reduce((sum, ledger) => sum + ledger[field], 0);

describeKernel('copies that a structure describes', () => {
	it('carry their direction and size between all types of memory', async () => {
		const { watch, described, losses } = await watchCopies();
		// Ten functions, sixteen pairs of types; and one without a structure.
		expect(described.length).toBe(161);
		expect(new Set(described.map((call) => `${call.values.src_type} ${call.values.dst_type}`)).size).toBe(17);
		const seen = driverCalls(watch.batches).filter(({ name }) => /^cuMemcpy[23]D/.test(name));
		expectSameCalls(seen, described);
		expect(new Set(seen.map(({ args }) => args[0]))).toEqual(new Set([0n, 1n, 2n, 3n, 4n]));
		expect(seen.at(-1)?.args).toEqual([4n, 0n, 0n]);
		expect(losses.ledgers.dropped.unread_arguments).toBe(1);
		expect(unexplained(losses)).toBe(0);
	});

	it('are on the ledger as what they are, and end a step where they go to the host', async () => {
		const { watch, described } = await watchCopies();
		const toHost = described.filter((call) => kindOf(call) === DEVICE_TO_HOST);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
		expect(total(watch.ledgers, 'hostToDeviceBytes')).toBe(
			sumOf(described.filter((call) => kindOf(call) === HOST_TO_DEVICE)),
		);
		expect(total(watch.ledgers, 'deviceToHostBytes')).toBe(sumOf(toHost) + READ_BACK_BYTES);
		expect(total(watch.ledgers, 'memcpyBytes')).toBe(sumOf(described) + READ_BACK_BYTES);
		expect(watch.ledgers.length).toBeGreaterThan(2);
	});
});
