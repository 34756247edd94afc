import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
	interface ProvidedContext {
		/** Why no test can run on this machine; empty when they can. */
		obstacle: string;
	}
}

/** Compiles the eBPF objects and the target program. */
export default function setup(project: TestProject): void {
	const obstacle = findObstacle();
	if (obstacle) console.log(`skipped: ${obstacle}`);
	project.provide('obstacle', obstacle);
}

function findObstacle(): string {
	if (process.platform !== 'linux') return `eBPF exists on Linux only, this is ${process.platform}`;
	if (process.getuid?.() !== 0) return 'loading eBPF needs root';
	for (const tool of ['make', 'clang', 'bpftool']) {
		const { error } = spawnSync(tool, ['--version']);
		if (error) return `there is no ${tool}`;
	}
	const make = spawnSync('make', ['test'], { encoding: 'utf8' });
	if (make.status !== 0) throw new Error(`make test failed\n${make.stdout}${make.stderr}`);
	return '';
}
