import { readFileSync } from 'node:fs';
import { preset } from '@ingero/config/tsup';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

export default preset({ entry: ['src/cli.ts'], dts: false, define: { INGERO_VERSION: JSON.stringify(version) } });
