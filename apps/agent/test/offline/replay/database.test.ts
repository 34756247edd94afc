import { join } from 'node:path';
import type { InferenceOutlierMessage } from '@ingero/contract/messages';
import { openReadOnly } from '@ingero/store/read';
import { describe, expect, test } from 'vitest';
import { type Message, ofType, parseLines } from '../../helpers/messages';
import { bytesOf, pathOf, takeApart } from '../../helpers/recordings';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();

describe.each(['h100-serving-a', 'h100-vllm-a'] as const)('the database of a replay of %s', (name) => {
	test('holds the printed steps and outliers and the recorded events', async () => {
		const path = join(folder, `${name}.db`);
		const printed = parseLines(await replay(pathOf(name), '--emit', 'steps,outliers', '--db', path));
		await using store = openReadOnly(path);

		const steps = await store.db.selectFrom('steps').selectAll().orderBy('step_id').execute();
		expect(steps.map(comparableRow)).toEqual(ofType(printed, 'inference_step').map(comparableLine));

		const outliers = await store.db
			.selectFrom('outliers')
			.innerJoin('steps', 'steps.step_id', 'outliers.step_id')
			.select([
				'event_id',
				'step_duration_ns',
				'bucket',
				'baseline_mean_ns',
				'cause',
				'cause_explained_ms',
				'cause_share',
			])
			.orderBy('outliers.step_id')
			.execute();
		expect(
			outliers.map((row) => ({
				...row,
				baseline_mean_ns: whole(row.baseline_mean_ns),
				cause_explained_ms: thousandths(row.cause_explained_ms),
				cause_share: thousandths(row.cause_share),
			})),
		).toEqual(
			ofType(printed, 'inference_outlier').map(({ event_id, step_duration_ns, bucket, baseline_mean_ns, cause }) => ({
				event_id,
				step_duration_ns: Number(step_duration_ns),
				bucket,
				baseline_mean_ns: Number(baseline_mean_ns),
				cause: (cause as Cause).name,
				cause_explained_ms: Number((cause as Cause).explained_ms),
				cause_share: Number((cause as Cause).share),
			})),
		);

		const { events } = await store.db
			.selectFrom('events')
			.select((query) => query.fn.countAll().as('events'))
			.executeTakeFirstOrThrow();
		expect(Number(events) * 12).toBe(takeApart(bytesOf(name)).records.length);
		expect(printed.at(-1)).toMatchObject({ outputs: { dropped: { store_queue_full: 0n, write_error: 0n } } });

		const session = await store.db.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
		expect(Number(session.stopped_at)).toBeGreaterThan(Number(session.started_at));
	});
});

test('another replay into the same file adds a session', async () => {
	const path = join(folder, 'twice.db');
	await replay(pathOf('h100-serving-a'), '--db', path, '--pid', '1');
	await replay(pathOf('h100-serving-a'), '--db', path, '--pid', '1', '--node', 'second');
	await using store = openReadOnly(path);
	const sessions = await store.db.selectFrom('sessions').select(['id', 'node', 'pid_filter']).orderBy('id').execute();
	expect(sessions.map(({ node, pid_filter }) => [node, pid_filter]).at(-1)).toEqual(['second', '1']);
	expect(sessions.length).toBe(2);
});

type Cause = NonNullable<InferenceOutlierMessage['cause']>;

const thousandths = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);
const whole = (value: number | null) => (value === null ? null : Math.trunc(value));

/** What a row and a printed line have in common, in one form. */
function comparableRow(row: object): object {
	const { session_id: _, step_id: __, ratio, warmed, ...rest } = row as Record<string, unknown>;
	for (const name of ['expected_ns', 'threshold_ns', 'baseline_p95_ns']) {
		rest[name] = rest[name] === null ? null : Math.trunc(Number(rest[name]));
	}
	return {
		...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, value === null ? null : String(value)])),
		ratio: ratio === null ? null : Math.round(Number(ratio) * 1000) / 1000,
		warmed: Boolean(Number(warmed)),
	};
}

/** A step's cause is in the row of its outlier. */
function comparableLine({ type: _, cause: __, ...line }: Message): object {
	return comparableRow({ session_id: 0, step_id: 0, ...line });
}
