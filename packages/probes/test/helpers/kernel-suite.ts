import { inject, type SuiteFactory, describe as vitestDescribe } from 'vitest';

/** A suite that runs where the kernel can be traced, and elsewhere is skipped with the reason in its name. */
export function describeKernel(title: string, suite: SuiteFactory): void {
	const obstacle = inject('obstacle');
	vitestDescribe.skipIf(obstacle)(obstacle ? `${title} (skipped: ${obstacle})` : title, suite);
}
