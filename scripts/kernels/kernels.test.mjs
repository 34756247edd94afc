import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelPackages, resolveKernel } from './kernels.mjs';

const NAMES = [
	'linux-image-6.12.117+deb13-cloud-amd64',
	'linux-image-6.12.9+deb13-cloud-amd64',
	'linux-image-6.12.117+deb13-cloud-amd64-unsigned',
	'linux-image-6.12.117+deb13-cloud-arm64',
	'linux-image-6.12.117+deb13-amd64',
	'linux-image-6.1.0-50-cloud-amd64',
	'linux-image-7.3.4+deb13-cloud-amd64-dbg',
	'linux-binary-7.3.4+deb13-cloud-amd64',
	'linux-image-7.3.4+deb13-cloud-amd64',
	'linux-binary-unsigned-7.3.4+deb13-cloud-amd64',
	'linux-image-cloud-amd64',
];

test('kernels come in the order of their versions, and the package with the file after the empty one', () => {
	const found = kernelPackages(NAMES, 'amd64');
	assert.deepEqual(
		found.map(({ name }) => name),
		[
			'linux-image-6.1.0-50-cloud-amd64',
			'linux-image-6.12.9+deb13-cloud-amd64',
			'linux-image-6.12.117+deb13-cloud-amd64',
			'linux-image-7.3.4+deb13-cloud-amd64',
			'linux-binary-7.3.4+deb13-cloud-amd64',
		],
	);
	assert.deepEqual(
		found.map(({ series }) => series),
		['6.1', '6.12', '6.12', '7.3', '7.3'],
	);
	assert.deepEqual(
		kernelPackages(NAMES, 'arm64').map(({ series }) => series),
		['6.12'],
	);
});

test('names on the command line', async () => {
	assert.deepEqual(await resolveKernel('6.1'), { name: '6.1', series: '6.1', architecture: 'amd64' });
	assert.deepEqual(await resolveKernel('6.1-amd64'), { name: '6.1', series: '6.1', architecture: 'amd64' });
	assert.deepEqual(await resolveKernel('arm64'), { name: '6.12-arm64', series: '6.12', architecture: 'arm64' });
	await assert.rejects(resolveKernel('6'), { message: /6: expected a kernel such as/, exitCode: 2 });
});
