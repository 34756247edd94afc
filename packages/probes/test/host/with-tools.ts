import { spawnSync } from 'node:child_process';
import { type SuiteFactory, describe as vitestDescribe } from 'vitest';
import { describeKernel } from '../helpers/kernel-suite';

/** A suite for the kernel that also needs some programs; where one is missing it is skipped with that in its name. */
export function describeWithTools(title: string, tools: readonly string[], suite: SuiteFactory): void {
	const missing = tools.find((tool) => spawnSync(tool, ['--version']).error);
	if (missing === undefined) describeKernel(title, suite);
	else vitestDescribe.skip(`${title} (skipped: there is no ${missing})`, suite);
}
