import { preset } from '@ingero/config/tsup';

export default preset({ platform: 'neutral' });
