import type { Kysely } from 'kysely';

/** What a step was compared with, what decided its phase, and the baselines that were replaced. Rows from before have null in the new columns. */
// biome-ignore lint/suspicious/noExplicitAny: a migration knows the schema before it and after it, and neither is today's.
export async function up(db: Kysely<any>): Promise<void> {
	await db.schema.alterTable('steps').addColumn('expected_ns', 'real').execute();
	await db.schema.alterTable('steps').addColumn('threshold_ns', 'real').execute();
	await db.schema.alterTable('steps').addColumn('phase_evidence', 'text').execute();
	await db.schema
		.createTable('baseline_shifts')
		.addColumn('event_id', 'text', (column) => column.notNull().primaryKey())
		.addColumn('session_id', 'integer', (column) => column.notNull())
		.addColumn('step_id', 'integer', (column) => column.notNull())
		.addColumn('reason', 'text', (column) => column.notNull())
		.addColumn('old_p95_ns', 'real', (column) => column.notNull())
		.addColumn('new_p95_ns', 'real', (column) => column.notNull())
		.addColumn('samples', 'integer', (column) => column.notNull())
		.execute();
	await db.schema
		.createIndex('baseline_shifts_step')
		.on('baseline_shifts')
		.columns(['session_id', 'step_id'])
		.execute();
}
