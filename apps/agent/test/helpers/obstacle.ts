import { spawnSync } from 'node:child_process';

/** Why nothing can be traced here, for `describe.skipIf`; says so once in the log. */
export const obstacle: string | undefined = findObstacle();
if (obstacle !== undefined) console.log(`skipped: ${obstacle}`);

function findObstacle(): string | undefined {
	if (process.platform !== 'linux') return `eBPF exists on Linux only, this is ${process.platform}`;
	if (process.getuid?.() !== 0) return 'loading eBPF needs root';
	const { error } = spawnSync('bpftool', ['version']);
	return error === undefined ? undefined : 'there is no bpftool to look into the kernel with';
}
