import { queryNvidiaGpus, readNvidiaKernelModule } from '@ingero/host';
import { type CheckResult, ok, optional } from './result';

/** The oldest driver that ingero was tried with. */
const OLDEST_DRIVER = 550;

export async function gpuChecks(): Promise<CheckResult[]> {
	const gpus = await queryNvidiaGpus();
	return [
		driverCheck(readNvidiaKernelModule()),
		gpus === undefined
			? optional('GPUs', 'nvidia-smi not found or silent')
			: ok('GPUs', gpus.map(({ name }) => name).join(', ')),
	];
}

/** An old or unknown driver is worth a warning and no more: probes go by what its library exports. */
export function driverCheck(driver: { readonly version: string; readonly open: boolean } | undefined): CheckResult {
	if (driver === undefined) return optional('NVIDIA driver', 'no kernel module loaded');
	const value = `${driver.version}${driver.open ? ' (open)' : ''}`;
	const major = Number.parseInt(driver.version, 10);
	if (Number.isNaN(major)) return optional('NVIDIA driver', value, 'an unknown version: look at its library below');
	return major < OLDEST_DRIVER
		? optional('NVIDIA driver', value, `older than ${OLDEST_DRIVER}, which ingero was not tried with`)
		: ok('NVIDIA driver', value);
}
