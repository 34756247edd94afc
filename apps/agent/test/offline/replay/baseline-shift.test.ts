import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferenceBaselineShift } from '@ingero/contract/messages';
import { openReadOnly } from '@ingero/store/read';
import { expect, test } from 'vitest';
import { violations } from '../../helpers/contract-check';
import { ofType, parseLines } from '../../helpers/messages';
import { putTogether } from '../../helpers/recordings';
import { encodeRecords, headerOf } from '../../helpers/records';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const PID = 4242;
const STREAM = 0x7f3a_5c00_1e80n;
const GRAPH_LAUNCH = 1;
const READ_BACK = 2;
const OPERATIONS = new Map([
	[GRAPH_LAUNCH, { name: 'cuGraphLaunch', args: ['graph_exec', 'stream', '-'] }],
	[READ_BACK, { name: 'cuMemcpyDtoH_v2', args: ['dst', 'stream', 'bytes'] }],
]);
const EMIT = ['--emit', 'steps,outliers', '--inference-phase-classifier', 'off', '--node', 'n1'];

/** A loop that replays one graph and reads its result back; each step takes as many ms as given. */
function recordingOf(stepsMs: readonly number[]): string {
	let ns = 1_000_000_000n;
	const records = encodeRecords(
		stepsMs.flatMap((ms) => {
			const startNs = ns;
			ns += BigInt(Math.round(ms * 1e6));
			return [
				{ ns: startNs + 10_000n, pid: PID, op: GRAPH_LAUNCH, args: [0x7f3a_0000_1000n, STREAM] },
				{ ns, pid: PID, op: READ_BACK, args: [0xdeadn, STREAM, 64n] },
			];
		}),
	);
	const path = join(folder, 'loop.igr');
	writeFileSync(path, putTogether({ header: headerOf(OPERATIONS, 1_778_337_055_000_000_000n), records }));
	return path;
}

const level = (ms: number, steps: number) => Array.from({ length: steps }, (_, i) => ms * (1 + 0.01 * (i % 5)));

test('a level that rises for good is told once, on every output, and no step is slow after it', async () => {
	const path = recordingOf([...level(5, 200), ...level(17.5, 1500)]);
	const db = join(folder, 'loop.db');
	const messages = parseLines(await replay(path, ...EMIT, '--db', db));
	const view = await replay(path, '--json=false', '--inference-phase-classifier', 'off');

	const notices = ofType(messages, 'inference_baseline_shift');
	expect(notices.length).toBe(1);
	const [notice] = notices as [(typeof messages)[number]];
	expect(violations(notice, inferenceBaselineShift)).toEqual([]);
	expect(notice).toMatchObject({ node_id: 'n1', pid: BigInt(PID), reason: 'shift', stream_handle: STREAM });
	expect(Number(notice.old_p95_ns) / 5e6).toBeCloseTo(1.04, 1);
	expect(Number(notice.new_p95_ns) / 17.5e6).toBeCloseTo(1.04, 1);

	// It follows the line of the step that made it certain.
	const place = messages.indexOf(notice);
	const step = messages[place - 1] as (typeof messages)[number];
	expect(step).toMatchObject({ type: 'inference_step', bucket: null });
	expect(ofType(messages.slice(0, place), 'inference_outlier').length).toBeGreaterThan(1000);
	expect(ofType(messages.slice(place), 'inference_outlier')).toEqual([]);

	await using store = openReadOnly(db);
	const rows = await store.db
		.selectFrom('baseline_shifts')
		.innerJoin('steps', 'steps.step_id', 'baseline_shifts.step_id')
		.select(['event_id', 'reason', 'old_p95_ns', 'new_p95_ns', 'samples', 'end_ns'])
		.execute();
	expect(
		rows.map(({ old_p95_ns, new_p95_ns, ...row }) => ({ ...row, levels: [old_p95_ns, new_p95_ns].map(Math.trunc) })),
	).toEqual([
		{
			event_id: notice.event_id,
			reason: 'shift',
			levels: [Number(notice.old_p95_ns), Number(notice.new_p95_ns)],
			samples: Number(notice.samples),
			end_ns: step.end_ns,
		},
	]);

	const told = view.split('\n').filter((line) => line.includes('new step baseline'));
	expect(told).toEqual([expect.stringMatching(/p95 5\.\d\dms is now 18\.\dms \(shift\) {2}recorded 4242$/)]);
});

test('ratio and bucket are of the step beside what did the same work', async () => {
	const messages = parseLines(await replay(recordingOf([...level(5, 200), 11, 5]), ...EMIT));
	const [outlier] = ofType(messages, 'inference_outlier');
	const slow = ofType(messages, 'inference_step').filter(({ bucket }) => bucket !== null);
	expect(slow.length).toBe(1);
	const { ratio, step_duration_ns, threshold_ns, expected_ns } = slow[0] as Record<string, unknown>;
	expect(Number(ratio)).toBeCloseTo(Number(step_duration_ns) / Number(threshold_ns), 3);
	expect(Number(expected_ns)).toBeLessThanOrEqual(Number(threshold_ns));
	expect(outlier).toMatchObject({ bucket: '2x', step_duration_ns, threshold_ns, expected_ns });
});
