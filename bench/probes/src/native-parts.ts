import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** From src/ and from dist/ alike. */
const BUILD = fileURLToPath(new URL('../build/', import.meta.url));

/** The driver whose functions do nothing. */
export const LIBRARY: string = `${BUILD}libcuda.so.1`;

/** Folder of the agent's object that makes many records of one launch. */
export const GENERATOR: string = `${BUILD}generator`;

/**
 * The path of a part in C.
 *
 * @throws Error when it was not built
 */
export function nativePart(name: string): string {
	const path = `${BUILD}${name}`;
	if (!existsSync(path)) throw new Error(`${path} is missing: build the package where make, cc and clang are`);
	return path;
}
