import { preset } from '@ingero/config/tsup';

export default preset({
	entry: { index: 'src/index.ts', read: 'src/read.ts', writer: 'src/worker/writer.ts' },
	dts: { entry: { index: 'src/index.ts', read: 'src/read.ts' } },
});
