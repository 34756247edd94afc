import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkTracingPrivileges, readCapabilities, readKernel } from '../packages/host/dist/index.js';
import { ROOT } from './bootstrap/paths.mjs';

/** What is there only where the build found a compiler. */
const NATIVE_PARTS = [
	'packages/bpf-loader-native/build/bpf_loader.node',
	'packages/probes/dist/bpf',
	'fixtures/cuda-standin/build/bin/serving-loop',
];

/** @returns {string | undefined} why no eBPF program can be loaded here, in half a sentence, or `undefined` where it can */
export function tracingObstacle() {
	const kernel = readKernel();
	if (kernel === undefined) return `eBPF exists on Linux only, this is ${process.platform}`;
	if (!kernel.btf) return `kernel ${kernel.release} does not describe its types (no /sys/kernel/btf/vmlinux)`;
	if (!kernel.uprobes) return `kernel ${kernel.release} has no user probes`;
	const { missing, canTrace } = checkTracingPrivileges({
		capabilities: readCapabilities(),
		kernelVersion: kernel.version,
	});
	if (!canTrace) {
		const names = missing.filter(({ required }) => required).map(({ capabilities }) => capabilities[0]);
		return `loading eBPF needs root or ${names.join(' and ')}`;
	}
	const unbuilt = NATIVE_PARTS.find((path) => !existsSync(join(ROOT, path)));
	return unbuilt === undefined ? undefined : `${unbuilt} was not built`;
}
