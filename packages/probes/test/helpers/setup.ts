import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { paths } from '@ingero/fixture-cuda-standin';
import type { TestProject } from 'vitest/node';
import { ProbeSession } from '../../src/index';
import { OBJECT_DIRECTORY } from './watch';

declare module 'vitest' {
	interface ProvidedContext {
		/** Why no test can run on this machine; empty when they can. */
		obstacle: string;
	}
}

/** Programs that are traced. */
const TARGETS = ['target', '../host/target', '../endurance/program'].map((folder) =>
	fileURLToPath(new URL(folder, import.meta.url)),
);

/** Compiles what is traced, and finds out whether this machine lets us trace it. */
export default function setup(project: TestProject): void {
	const obstacle = findObstacle();
	if (obstacle) console.log(`skipped: ${obstacle}`);
	project.provide('obstacle', obstacle);
}

function findObstacle(): string {
	if (process.platform !== 'linux') return `eBPF exists on Linux only, this is ${process.platform}`;
	if (process.getuid?.() !== 0) return 'loading eBPF needs root';
	for (const tool of ['make', 'cc', 'bpftool', 'unshare']) {
		if (spawnSync(tool, ['--version']).error) return `there is no ${tool}`;
	}
	if (!existsSync(paths.servingLoop)) return 'the CUDA stand-in is not built';
	for (const folder of TARGETS) {
		const make = spawnSync('make', ['-C', folder], { encoding: 'utf8' });
		if (make.status !== 0) throw new Error(`make failed\n${make.stdout}${make.stderr}`);
	}
	return whyNoSession();
}

/** A kernel that refuses everybody is an obstacle; one that refuses our programs is what the tests are there to find. */
function whyNoSession(): string {
	try {
		new ProbeSession({ objectDirectory: OBJECT_DIRECTORY }).close();
		return '';
	} catch (error) {
		if ((error as { errnoName?: string }).errnoName === 'EPERM') return (error as Error).message;
		throw error;
	}
}
