import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { BaselineShiftRow, OutlierRow, StepRow } from '../src';
import { openReadOnly } from '../src/read';
import { encodeEvents, openStore, outlier, type RawEvent, rawRows, step, tempFile } from './support';

const uint32 = fc.oneof(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(0xffff_ffff));
const uint64 = fc.oneof(
	fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
	fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const safeInteger = fc.oneof(fc.constantFrom(0, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // SQLite knows no -0
const text = fc.string({ unit: 'grapheme' });

const anyStep: fc.Arbitrary<StepRow> = fc.record({
	pid: uint32,
	tid: uint32,
	cgroupPathHash: text,
	streamHandle: uint64,
	phase: text,
	phaseEvidence: fc.option(text, { nil: undefined }),
	startNs: uint64,
	endNs: uint64,
	stepDurationNs: safeInteger,
	launchCount: safeInteger,
	graphLaunchCount: safeInteger,
	gridBlocks: safeInteger,
	memcpyBytes: safeInteger,
	bucket: fc.option(text),
	ratio: fc.option(real),
	expectedNs: fc.option(real),
	thresholdNs: fc.option(real),
	baselineP95Ns: fc.option(real),
	warmed: fc.boolean(),
});

const anyOutlier: fc.Arbitrary<Omit<OutlierRow, 'eventId'>> = fc.record({
	stepId: safeInteger,
	baselineMeanNs: fc.option(real),
	throttleReasons: fc.option(uint64, { nil: undefined }),
	cause: fc.option(fc.record({ name: text, explainedMs: real, share: real }), { nil: undefined }),
});

const anyShift: fc.Arbitrary<Omit<BaselineShiftRow, 'eventId'>> = fc.record({
	stepId: safeInteger,
	reason: text,
	oldP95Ns: real,
	newP95Ns: real,
	samples: safeInteger,
});

const anyEvent: fc.Arbitrary<RawEvent> = fc.record({
	tsNs: uint64,
	durationNs: uint32,
	pid: uint32,
	tid: uint32,
	op: uint32,
	args: fc.tuple(uint64, uint64, uint64),
});

test('every row comes back exactly as it was appended', async () => {
	const path = tempFile();
	await fc.assert(
		fc.asyncProperty(
			fc.array(anyStep, { maxLength: 20 }),
			fc.array(anyOutlier, { maxLength: 20 }),
			fc.array(anyShift, { maxLength: 5 }),
			fc.array(anyEvent, { maxLength: 50 }),
			async (steps, outliers, shifts, events) => {
				const store = await openStore(path);
				const named = outliers.map((row, index) => ({ ...row, eventId: `${store.sessionId}-${index}` }));
				const namedShifts = shifts.map((row, index) => ({ ...row, eventId: `${store.sessionId}-${index}` }));
				const first = store.appendSteps(steps);
				store.appendOutliers(named);
				store.appendShifts(namedShifts);
				store.appendEvents(encodeEvents(events));
				await store.close();

				const { db, ...reader } = openReadOnly(path);
				const session = store.sessionId;
				const stepRows = await db.selectFrom('steps').selectAll().where('session_id', '=', session).execute();
				const outlierRows = await db
					.selectFrom('outliers')
					.selectAll()
					.where('session_id', '=', session)
					.orderBy(sql`rowid`)
					.execute();
				const shiftRows = await db
					.selectFrom('baseline_shifts')
					.selectAll()
					.where('session_id', '=', session)
					.orderBy(sql`rowid`)
					.execute();
				const eventRows = await db
					.selectFrom('events')
					.selectAll()
					.where('session_id', '=', session)
					.orderBy('seq')
					.execute();
				await reader.close();

				expect(stepRows).toEqual(
					steps.map((row, index) => ({
						session_id: session,
						step_id: first + index,
						pid: row.pid,
						tid: row.tid,
						cgroup_path_hash: row.cgroupPathHash,
						stream_handle: row.streamHandle,
						phase: row.phase,
						start_ns: row.startNs,
						end_ns: row.endNs,
						step_duration_ns: row.stepDurationNs,
						launch_count: row.launchCount,
						graph_launch_count: row.graphLaunchCount,
						grid_blocks: row.gridBlocks,
						memcpy_bytes: row.memcpyBytes,
						bucket: row.bucket,
						ratio: row.ratio,
						baseline_p95_ns: row.baselineP95Ns,
						warmed: row.warmed ? 1 : 0,
						expected_ns: row.expectedNs,
						threshold_ns: row.thresholdNs,
						phase_evidence: row.phaseEvidence ?? null,
					})),
				);
				expect(outlierRows).toEqual(
					named.map((row) => ({
						event_id: row.eventId,
						session_id: session,
						step_id: row.stepId,
						baseline_mean_ns: row.baselineMeanNs,
						throttle_reasons: row.throttleReasons ?? null,
						cause: row.cause?.name ?? null,
						cause_explained_ms: row.cause?.explainedMs ?? null,
						cause_share: row.cause?.share ?? null,
					})),
				);
				expect(shiftRows).toEqual(
					namedShifts.map((row) => ({
						event_id: row.eventId,
						session_id: session,
						step_id: row.stepId,
						reason: row.reason,
						old_p95_ns: row.oldP95Ns,
						new_p95_ns: row.newP95Ns,
						samples: row.samples,
					})),
				);
				expect(eventRows).toEqual(
					events.map((event, index) => ({
						session_id: session,
						ts_ns: event.tsNs,
						seq: index + 1,
						duration_ns: event.durationNs,
						pid: event.pid,
						tid: event.tid,
						op: event.op,
						arg0: event.args[0],
						arg1: event.args[1],
						arg2: event.args[2],
					})),
				);
			},
		),
		{ numRuns: 30 },
	);
});

test('a handle in the upper half of 64 bits can be looked for, and any SQLite shell prints it right', async () => {
	const path = tempFile();
	const handle = 0xffff_8880_1234_5678n;
	const store = await openStore(path);
	store.appendSteps([step({ streamHandle: handle }), step({ streamHandle: 7n })]);
	await store.close();

	await using reader = openReadOnly(path);
	const found = await reader.db
		.selectFrom('steps')
		.select(['step_id', 'stream_handle as stream'])
		.where('stream_handle', '=', handle)
		.execute();

	expect(found).toEqual([{ step_id: 1, stream: handle }]);
	expect(rawRows(path, "SELECT printf('0x%x', stream_handle) FROM steps ORDER BY step_id")).toEqual([
		['0xffff888012345678'],
		['0x7'],
	]);
});

test('the session says what is known about the run, and what its operation codes mean', async () => {
	const path = tempFile();
	const before = BigInt(Date.now()) * 1_000_000n;
	const store = await openStore(path, {
		session: {
			wallOffsetNs: 1_778_337_055_000_000_001n,
			node: 'n1',
			agentVersion: '0.16.0',
			kernel: '6.18',
			gpuModel: 'NVIDIA H100, 81559 MiB',
			cpuCores: 26,
		},
		operations: { 0: { name: 'cuLaunchKernel', args: ['function', 'stream', 'grid'] }, 7: { name: 'exit', args: [] } },
	});
	await store.close();

	await using reader = openReadOnly(path);
	const session = await reader.db.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
	expect(session).toMatchObject({
		id: store.sessionId,
		wall_offset_ns: 1_778_337_055_000_000_001n,
		node: 'n1',
		ingero_ver: '0.16.0',
		kernel: '6.18',
		gpu_model: 'NVIDIA H100, 81559 MiB',
		cpu_cores: 26,
		cuda_ver: '',
	});
	expect(session.started_at).toBeGreaterThanOrEqual(before);
	expect(session.stopped_at).toBeGreaterThanOrEqual(session.started_at);
	expect(await reader.db.selectFrom('operations').selectAll().execute()).toEqual([
		{ session_id: 1, op: 0, name: 'cuLaunchKernel', arg0_name: 'function', arg1_name: 'stream', arg2_name: 'grid' },
		{ session_id: 1, op: 7, name: 'exit', arg0_name: '', arg1_name: '', arg2_name: '' },
	]);
});

test('sessions of one file are numbered on, and each numbers its steps from 1', async () => {
	const path = tempFile();
	for (const expected of [1, 2]) {
		const store = await openStore(path);
		expect(store.sessionId).toBe(expected);
		expect(store.appendSteps([step(), step()])).toBe(1);
		expect(store.appendSteps([step()])).toBe(3);
		await store.close();
	}
	expect(rawRows(path, 'SELECT session_id, step_id FROM steps')).toEqual([
		[1n, 1n],
		[1n, 2n],
		[1n, 3n],
		[2n, 1n],
		[2n, 2n],
		[2n, 3n],
	]);
});

test('an outlier finds its step, and the events that ran in it', async () => {
	const path = tempFile();
	const store = await openStore(path);
	const stepId = store.appendSteps([step({ startNs: 100n, endNs: 200n, bucket: '3x', ratio: 3.5 })]);
	store.appendOutliers([outlier({ stepId })]);
	const at = (tsNs: bigint): RawEvent => ({ tsNs, durationNs: 0, pid: 4242, tid: 1, op: 0, args: [0n, 0n, 0n] });
	store.appendEvents(encodeEvents([at(99n), at(150n), at(200n), at(201n)]));
	await store.close();

	await using reader = openReadOnly(path);
	const rows = await reader.db
		.selectFrom('outliers')
		.innerJoin('steps', (join) =>
			join.onRef('steps.session_id', '=', 'outliers.session_id').onRef('steps.step_id', '=', 'outliers.step_id'),
		)
		.innerJoin('events', (join) =>
			join
				.onRef('events.session_id', '=', 'steps.session_id')
				.onRef('events.pid', '=', 'steps.pid')
				.on((eb) => eb.between('events.ts_ns', eb.ref('steps.start_ns'), eb.ref('steps.end_ns'))),
		)
		.select(['outliers.event_id', 'steps.bucket', 'events.ts_ns'])
		.execute();
	expect(rows.map((row) => [row.bucket, row.ts_ns])).toEqual([
		['3x', 150n],
		['3x', 200n],
	]);
});
