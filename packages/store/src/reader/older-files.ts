import type Database from 'better-sqlite3';
import { SCHEMA_VERSION_BASE } from '../schema/version';

/** What a file that lacks a migration looks like with it: views in the connection's own temporary schema, which hide the tables. */
const VIEWS: readonly { readonly migration: number; readonly sql: string }[] = [
	{
		migration: 2,
		sql: `
			CREATE TEMP VIEW steps AS SELECT *, NULL AS expected_ns, NULL AS threshold_ns, NULL AS phase_evidence FROM main.steps;
			CREATE TEMP VIEW baseline_shifts AS SELECT NULL AS event_id, NULL AS session_id, NULL AS step_id,
				NULL AS reason, NULL AS old_p95_ns, NULL AS new_p95_ns, NULL AS samples WHERE 0;
		`,
	},
];

/**
 * Lets queries for today's schema read a file of an older one: columns it lacks are null, tables it lacks are empty. The
 * file itself is not touched; only a writer upgrades it.
 */
export function bridgeOlderSchema(database: Database.Database, userVersion: number): void {
	for (const { migration, sql } of VIEWS) {
		if (userVersion < SCHEMA_VERSION_BASE + migration) database.exec(sql);
	}
}
