/** Names that look like the contract's and are something else. Every entry is reviewed, and goes when it matches nothing. */
export interface Allowed {
	/** Path of a file from the workspace root, or of a folder when it ends in `/`. */
	readonly within: string;
	readonly names: readonly string[];
	readonly why: string;
}

export const allowed: readonly Allowed[] = [
	{
		within: 'packages/store/src/',
		names: ['gpu_driver', 'gpu_id', 'gpu_model', 'ingero_ver', 'system_snapshots'],
		why: "columns and tables of the SQLite schema, which is the store's own contract",
	},
	{
		within: 'apps/agent/src/config/database.ts',
		names: ['ingero.db'],
		why: 'the name of a file',
	},
];
