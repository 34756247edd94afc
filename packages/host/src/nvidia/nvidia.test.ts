import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { parseNvidiaVersion, readNvidiaKernelModule } from './driver-version';
import { parseGpuList, queryNvidiaGpus } from './nvidia-smi';

describe('the kernel module', () => {
	test.each([
		[
			'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version:  gcc version 12.3.0\n',
			{ version: '535.183.01', open: false },
		],
		[
			'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs-builder@U16-I1)  Thu Jan 23\n',
			{ version: '570.86.15', open: true },
		],
		[
			'NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  580.65  Release Build\n',
			{ version: '580.65', open: true },
		],
		['something else\n', undefined],
	])('%s', (text, module) => {
		expect(parseNvidiaVersion(text)).toEqual(module);
	});

	test('a machine without one', () => {
		using proc = new FileTree({});
		expect(readNvidiaKernelModule({ procRoot: proc.root })).toBeUndefined();
	});
});

describe('nvidia-smi', () => {
	const LINES =
		'0, NVIDIA H100 80GB HBM3, GPU-5f0e, 81559, 570.86.15\n1, NVIDIA GB10, GPU-77aa, [N/A], 580.65\nWARNING: infoROM\n';
	const GPUS = [
		{ index: 0, name: 'NVIDIA H100 80GB HBM3', uuid: 'GPU-5f0e', memoryBytes: 85520809984, driverVersion: '570.86.15' },
		{ index: 1, name: 'NVIDIA GB10', uuid: 'GPU-77aa', memoryBytes: undefined, driverVersion: '580.65' },
	];

	function script(body: string): FileTree {
		const tree = new FileTree({ 'nvidia-smi': `#!/bin/sh\n${body}\n` });
		chmodSync(join(tree.root, 'nvidia-smi'), 0o755);
		return tree;
	}

	test('its list, with what else it prints', () => {
		expect(parseGpuList(LINES)).toEqual(GPUS);
	});

	test('is asked for what is read', async () => {
		using tree = script(`echo "$1" | grep -q index,name,uuid,memory.total,driver_version && printf '${LINES}'`);
		expect(await queryNvidiaGpus({ nvidiaSmi: join(tree.root, 'nvidia-smi') })).toEqual(GPUS);
	});

	test('may fail, be no program, or not be there', async () => {
		using failing = script('echo no devices; exit 9');
		expect(await queryNvidiaGpus({ nvidiaSmi: join(failing.root, 'nvidia-smi') })).toBeUndefined();
		expect(await queryNvidiaGpus({ nvidiaSmi: failing.root })).toBeUndefined();
		expect(await queryNvidiaGpus({ nvidiaSmi: '/nonexistent/nvidia-smi' })).toBeUndefined();
	});

	test('may hang, also with its output held open by a child', async () => {
		using hanging = script('sleep 3 & exec sleep 3');
		expect(await queryNvidiaGpus({ nvidiaSmi: join(hanging.root, 'nvidia-smi'), timeoutMs: 20 })).toBeUndefined();
	});
});
