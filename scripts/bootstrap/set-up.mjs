import { build } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { nodeObstacle } from './environment.mjs';
import { linkIngero } from './link-ingero.mjs';
import { installPnpm } from './pnpm.mjs';
import { StageError } from './stage.mjs';
import { installSystemPackages, installTestTools } from './system-packages.mjs';

/**
 * Everything between a fresh clone and a built workspace. What is done already costs next to nothing.
 *
 * @param {{ forTests: boolean }} options whether tools are wanted that only tests use
 */
export async function setUp({ forTests }) {
	await installPnpm();
	await installDependencies();
	const obstacle = nodeObstacle();
	if (obstacle !== undefined) throw new StageError(obstacle);
	const canBuildNative = await installSystemPackages();
	if (canBuildNative && forTests) await installTestTools();
	await build(canBuildNative);
	linkIngero();
}
