import { join } from 'node:path';
import { TOOLS } from '../bootstrap/paths.mjs';

/** Kernels, packages of other architectures and guests: ignored by git, safe to delete, slow to get again. */
export const CACHE = join(TOOLS, 'kernels');
