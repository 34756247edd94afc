import { preset } from '@ingero/config/tsup';

export default preset({ entry: ['src/main.ts'], dts: false });
