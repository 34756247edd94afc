import { preset } from '@ingero/config/tsup';

const tables = ['attributes', 'enums', 'messages', 'metrics', 'resource-attributes'];

export default preset({
	platform: 'neutral',
	entry: { index: 'src/index.ts', ...Object.fromEntries(tables.map((table) => [table, `src/${table}/index.ts`])) },
	// The root entry re-exports each table from the table's own file. Bundled into a shared chunk instead, the
	// namespace objects would keep every entry alive for somebody who imports a single one.
	esbuildPlugins: [
		{
			name: 'tables-stay-apart',
			setup: (build) =>
				build.onResolve({ filter: new RegExp(`^\\./(${tables.join('|')})$`) }, ({ path, importer }) =>
					importer.endsWith('src/index.ts') ? { path: `${path}.js`, external: true } : undefined,
				),
		},
	],
});
