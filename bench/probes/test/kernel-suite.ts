import { features } from '@ingero/bpf-loader-native';
import { describe, type SuiteFactory } from 'vitest';
import { nativePart } from '../src/native-parts';

/** A suite that runs where the kernel can be traced, and elsewhere is skipped with the reason in its name. */
export function describeKernel(title: string, suite: SuiteFactory): void {
	const obstacle = findObstacle();
	if (obstacle) console.log(`skipped: ${obstacle}`);
	describe.skipIf(obstacle)(obstacle ? `${title} (skipped: ${obstacle})` : title, suite);
}

function findObstacle(): string {
	if (process.platform !== 'linux') return `eBPF exists on Linux only, this is ${process.platform}`;
	if (process.getuid?.() !== 0) return 'loading eBPF needs root';
	const { uprobeMulti } = features();
	if (!uprobeMulti.supported) return uprobeMulti.reason;
	try {
		nativePart('target');
		return '';
	} catch (error) {
		return (error as Error).message;
	}
}
