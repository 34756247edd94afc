import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOST_OPERATIONS, probedOperations } from '@ingero/probes';
import { openReadOnly } from '@ingero/store/read';
import { expect, test } from 'vitest';
import { putTogether } from '../../helpers/recordings';
import { encodeRecords, headerOf } from '../../helpers/records';
import { replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const operations = new Map([...probedOperations({ stacks: true }), ...HOST_OPERATIONS]);
const codes = new Map([...operations].map(([code, { name }]) => [name, code]));

test('a database keeps every event but quick block requests and the numbers of stacks, and says how many those were', async () => {
	const names = ['cuLaunchKernel', 'block_read', 'call_stack', 'sched_wakeup', 'block_write', 'page_alloc', 'oom_kill'];
	const records = [1_000, 9_999_999, 10_000_000, 30_000_000].flatMap((durationNs, i) =>
		names.map((name, k) => ({ ns: BigInt(100 * i + k + 1), pid: 7, op: codes.get(name) as number, durationNs })),
	);
	const recording = join(folder, 'host.igr');
	writeFileSync(recording, putTogether({ header: headerOf(operations), records: encodeRecords(records) }));
	const path = join(folder, 'host.db');
	await replay(recording, '--db', path);

	await using store = openReadOnly(path);
	const rows = await store.db
		.selectFrom('events')
		.innerJoin('operations', (join) =>
			join.onRef('operations.op', '=', 'events.op').onRef('operations.session_id', '=', 'events.session_id'),
		)
		.select(['ts_ns', 'name', 'duration_ns'])
		.orderBy('ts_ns')
		.execute();
	const kept = records.filter(({ op, durationNs }) => {
		const { name } = operations.get(op) as { name: string };
		return name !== 'call_stack' && (!name.startsWith('block_') || durationNs >= 10_000_000);
	});
	expect(rows).toEqual(
		kept.map(({ ns, op, durationNs }) => ({ ts_ns: ns, name: operations.get(op)?.name, duration_ns: durationNs })),
	);
	const losses = await store.db
		.selectFrom('losses')
		.select(['item', 'fate', 'count'])
		.where('hop', '=', 'selection')
		.where('count', '>', 0)
		.orderBy('item')
		.orderBy('fate')
		.execute();
	expect(losses).toEqual([
		{ item: 'block_requests', fate: 'delivered', count: 4 },
		{ item: 'block_requests', fate: 'sampled_out', count: 4 },
		{ item: 'call_stacks', fate: 'sampled_out', count: 4 },
	]);
});
