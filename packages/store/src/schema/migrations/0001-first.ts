import { type Kysely, sql } from 'kysely';

/*
 * Columns that need all 64 bits are declared BIG INT or UNSIGNED BIG INT. To SQLite both are plain integers of eight
 * bytes, so an unsigned value is stored as its two's complement; a reader that looks at the declared type gets the
 * exact value back without a list of columns, and `printf('0x%x', stream_handle)` prints a pointer right in any shell.
 * Text would cost two to three times the space and its order would not be the order of the numbers.
 *
 * Tables without a rowid are ordered by their key. Time order comes free where a second index on `events` would cost
 * a fifth of the insert rate and a quarter more space.
 */
const bigInt = sql`big int`;
const unsignedBigInt = sql`unsigned big int`;

// biome-ignore lint/suspicious/noExplicitAny: a migration knows the schema before it and after it, and neither is today's.
export async function up(db: Kysely<any>): Promise<void> {
	let sessions = db.schema
		.createTable('sessions')
		.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
		.addColumn('started_at', bigInt, (column) => column.notNull())
		.addColumn('stopped_at', bigInt, (column) => column.notNull().defaultTo(0))
		.addColumn('wall_offset_ns', bigInt);
	for (const text of [
		'node',
		'ingero_ver',
		'kernel',
		'os_release',
		'cpu_model',
		'gpu_model',
		'gpu_driver',
		'cuda_ver',
	]) {
		sessions = sessions.addColumn(text, 'text', (column) => column.notNull().defaultTo(''));
	}
	await sessions
		.addColumn('cpu_cores', 'integer', (column) => column.notNull().defaultTo(0))
		.addColumn('mem_total', 'integer', (column) => column.notNull().defaultTo(0))
		.addColumn('pid_filter', 'text', (column) => column.notNull().defaultTo(''))
		.addColumn('flags', 'text', (column) => column.notNull().defaultTo(''))
		.execute();

	await db.schema
		.createTable('operations')
		.addColumn('session_id', 'integer', (column) => column.notNull())
		.addColumn('op', 'integer', (column) => column.notNull())
		.addColumn('name', 'text', (column) => column.notNull())
		.addColumn('arg0_name', 'text', (column) => column.notNull())
		.addColumn('arg1_name', 'text', (column) => column.notNull())
		.addColumn('arg2_name', 'text', (column) => column.notNull())
		.addPrimaryKeyConstraint('operations_key', ['session_id', 'op'])
		.modifyEnd(sql`without rowid`)
		.execute();

	await db.schema
		.createTable('steps')
		.addColumn('session_id', 'integer', (column) => column.notNull())
		.addColumn('step_id', 'integer', (column) => column.notNull())
		.addColumn('pid', 'integer', (column) => column.notNull())
		.addColumn('tid', 'integer', (column) => column.notNull())
		.addColumn('cgroup_path_hash', 'text', (column) => column.notNull())
		.addColumn('stream_handle', unsignedBigInt, (column) => column.notNull())
		.addColumn('phase', 'text', (column) => column.notNull())
		.addColumn('start_ns', unsignedBigInt, (column) => column.notNull())
		.addColumn('end_ns', unsignedBigInt, (column) => column.notNull())
		.addColumn('step_duration_ns', 'integer', (column) => column.notNull())
		.addColumn('launch_count', 'integer', (column) => column.notNull())
		.addColumn('graph_launch_count', 'integer', (column) => column.notNull())
		.addColumn('grid_blocks', 'integer', (column) => column.notNull())
		.addColumn('memcpy_bytes', 'integer', (column) => column.notNull())
		.addColumn('bucket', 'text')
		.addColumn('ratio', 'real')
		.addColumn('baseline_p95_ns', 'real')
		.addColumn('warmed', 'integer', (column) => column.notNull())
		.addPrimaryKeyConstraint('steps_key', ['session_id', 'step_id'])
		.modifyEnd(sql`without rowid`)
		.execute();
	await db.schema.createIndex('steps_end_ns').on('steps').columns(['session_id', 'end_ns']).execute();

	await db.schema
		.createTable('outliers')
		.addColumn('event_id', 'text', (column) => column.notNull().primaryKey())
		.addColumn('session_id', 'integer', (column) => column.notNull())
		.addColumn('step_id', 'integer', (column) => column.notNull())
		.addColumn('baseline_mean_ns', 'real')
		.addColumn('throttle_reasons', unsignedBigInt)
		.addColumn('cause', 'text')
		.addColumn('cause_explained_ms', 'real')
		.addColumn('cause_share', 'real')
		.execute();
	await db.schema.createIndex('outliers_step').on('outliers').columns(['session_id', 'step_id']).execute();

	await db.schema
		.createTable('events')
		.addColumn('session_id', 'integer', (column) => column.notNull())
		.addColumn('ts_ns', unsignedBigInt, (column) => column.notNull())
		.addColumn('seq', 'integer', (column) => column.notNull())
		.addColumn('duration_ns', 'integer', (column) => column.notNull())
		.addColumn('pid', 'integer', (column) => column.notNull())
		.addColumn('tid', 'integer', (column) => column.notNull())
		.addColumn('op', 'integer', (column) => column.notNull())
		.addColumn('arg0', unsignedBigInt, (column) => column.notNull())
		.addColumn('arg1', unsignedBigInt, (column) => column.notNull())
		.addColumn('arg2', unsignedBigInt, (column) => column.notNull())
		.addPrimaryKeyConstraint('events_key', ['session_id', 'ts_ns', 'seq'])
		.modifyEnd(sql`without rowid`)
		.execute();

	await db.schema
		.createTable('losses')
		.addColumn('session_id', 'integer', (column) => column.notNull())
		.addColumn('hop', 'text', (column) => column.notNull())
		.addColumn('item', 'text', (column) => column.notNull())
		.addColumn('fate', 'text', (column) => column.notNull())
		.addColumn('count', 'integer', (column) => column.notNull())
		.addPrimaryKeyConstraint('losses_key', ['session_id', 'hop', 'item', 'fate'])
		.modifyEnd(sql`without rowid`)
		.execute();
}
