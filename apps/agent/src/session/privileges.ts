import { checkTracingPrivileges, processExists, readCapabilities, readKernel } from '@ingero/host';
import { machineRefusal } from '../check/machine';
import { UsageError } from '../errors';

/** @throws UsageError that says what is missing and how to grant it */
export function requireTracing(): void {
	const kernel = readKernel();
	if (kernel === undefined) {
		throw new UsageError(
			`tracing needs Linux, this is ${process.platform}: replay a recording instead (ingero replay FILE)`,
		);
	}
	const refusal = machineRefusal(kernel);
	if (refusal !== undefined) throw new UsageError(refusal);
	const privileges = checkTracingPrivileges({ capabilities: readCapabilities(), kernelVersion: kernel.version });
	if (!privileges.canTrace)
		throw new UsageError(`not enough privileges to trace. ${privileges.remedy ?? 'Run it as root.'}`);
}

/** @throws UsageError that names the process that is not there */
export function requireProcesses(pids: readonly number[] | undefined): void {
	const missing = pids?.find((pid) => !processExists(pid));
	if (missing !== undefined) {
		throw new UsageError(`--pid ${missing}: no such process; list CUDA processes with: ingero check`);
	}
}
